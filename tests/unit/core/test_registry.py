import subprocess
import sys
from fractions import Fraction

import pytest

from skillwright.core.errors import ConfigError, MissingExtra, NotFound
from skillwright.core.registry import Registry

GROUP = "skillwright.test_parts"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a plugin as an installer does: modules and their metadata in a folder of the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(package, entry_points, **modules):
        for name, source in modules.items():
            (tmp_path / f"{name}.py").write_text(source)
        metadata = tmp_path / f"{package}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"{name} = {target}" for name, target in entry_points.items()]
        (metadata / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))

    return installed


def registry(**builtins):
    return Registry[type]("learner", GROUP, builtins)


def test_a_built_in_part_is_imported_by_name():
    assert registry(exact="fractions:Fraction").resolve("exact") is Fraction


def test_a_part_is_imported_only_when_it_is_asked_for():
    script = (
        "import sys; from skillwright.core.registry import Registry;"
        "registry = Registry('learner', 'none', {'wave': 'wave:Wave_read'}); registry.names();"
        "print('wave' in sys.modules); registry.resolve('wave'); print('wave' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False", "True"]


def test_names_are_those_of_built_ins_and_plugins_sorted(install):
    install("plugin", {"zeta": "fractions:Fraction", "alpha": "fractions:Fraction"})
    assert registry(middle="fractions:Fraction").names() == ["alpha", "middle", "zeta"]


def test_a_plugins_part_is_imported_by_name(install):
    install("plugin", {"ours": "plugin_of_ours:Part"}, plugin_of_ours="class Part: pass")
    assert registry().resolve("ours").__name__ == "Part"


def test_an_unknown_name_is_answered_with_a_close_one():
    with pytest.raises(NotFound, match=r"no learner is called 'pppo'; did you mean 'ppo'\?"):
        registry(ppo="fractions:Fraction").resolve("pppo")


@pytest.mark.parametrize("target", ["no_such_module:Part", "fractions:NoSuchPart", "broken_plugin:Part", "fractions"])
def test_a_broken_plugin_says_so_when_asked_for(install, target):
    install("broken", {"broken": target}, broken_plugin="raise RuntimeError('at import')")
    with pytest.raises(ConfigError, match=f"'broken' .{target}. cannot be imported"):
        registry().resolve("broken")


def test_a_missing_extra_keeps_its_install_line(install):
    source = "from skillwright.core.errors import MissingExtra\nraise MissingExtra('torch', 'learn')"
    install("needy", {"needy": "needy_plugin:Part"}, needy_plugin=source)
    with pytest.raises(MissingExtra, match=r"pip install 'skillwright\[learn\]'"):
        registry().resolve("needy")


def test_a_name_declared_by_two_plugins_is_refused(install):
    install("one", {"twice": "fractions:Fraction"})
    install("two", {"twice": "decimal:Decimal"})
    with pytest.raises(ConfigError, match="one and two"):
        registry().resolve("twice")


def test_a_plugin_cannot_take_a_built_ins_name(install):
    install("usurper", {"exact": "decimal:Decimal"})
    parts = registry(exact="fractions:Fraction")
    assert parts.resolve("exact") is Fraction
    assert "usurper declares this name too" in parts.check()["exact"]


def test_checking_lists_what_is_wrong_with_each_part(install):
    install("broken", {"broken": "no_such_module:Part"})
    problems = registry(exact="fractions:Fraction").check()
    assert problems["exact"] is None
    assert "no_such_module" in problems["broken"]
