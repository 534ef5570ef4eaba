import pytest

from skillwright.core import SandboxTooWeak
from skillwright.sandbox.layers import ALLOW_WEAKER, Layers

LACKING = Layers({"rlimits": "", "landlock": "this kernel has no landlock", "seccomp": ""}, "not installed")


def test_a_missing_layer_is_refused_with_what_it_is_and_a_way_out():
    with pytest.raises(SandboxTooWeak, match=r"landlock: this kernel has no landlock.*--allow-weaker-sandbox"):
        LACKING.require()


def test_a_person_may_allow_it(monkeypatch):
    monkeypatch.setenv(ALLOW_WEAKER, "1")
    LACKING.require()


def test_bubblewrap_is_no_must_and_what_holds_is_named():
    layers = Layers({"rlimits": "", "landlock": "", "seccomp": ""}, "not installed")
    layers.require()
    assert layers.in_force == ["allow-list", "own process", "rlimits", "landlock", "seccomp"]
    assert "landlock" not in LACKING.in_force
