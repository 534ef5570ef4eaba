from pathlib import Path

import pytest

from skillwright.core.errors import ConfigError, NotFound
from skillwright.llm.profiles import Budget, RoleProfile, choose_role, list_profiles, load_profile
from skillwright.llm.spec import NONE, ModelSpec


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a profile into a project of the person's own."""
    folder = tmp_path / "project" / "agents"
    folder.mkdir(parents=True)
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(folder.parent))

    def written(text: str, name: str = "mine") -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


MINE = """\
description: mine
roles:
  rewarder:
    model: ollama:b
    temperature: 0.5
    max_tokens: 99
    budget: {max_usd: 0.5, max_tokens: 1000}
"""


def test_without_a_word_from_anybody_there_is_no_model():
    assert choose_role("rewarder").models == (NONE,)


def test_the_profile_fills_a_role(profile):
    profile(MINE)
    choice = choose_role("rewarder", profile="mine")
    assert choice.models == (ModelSpec("ollama", "b"),)
    assert choice.source == "agents/mine.yaml"
    budget = Budget(max_usd=0.5, max_tokens=1000)
    assert choice.settings == RoleProfile(model="ollama:b", temperature=0.5, max_tokens=99, budget=budget)


def test_a_role_the_profile_does_not_name_has_no_model(profile):
    profile(MINE)
    assert choose_role("verifier", profile="mine").models == (NONE,)


def test_the_environment_counts_before_the_profile_and_keeps_its_limits(profile, monkeypatch):
    profile(MINE)
    monkeypatch.setenv("SKILLWRIGHT_MODEL", "openai:e")
    choice = choose_role("rewarder", profile="mine")
    assert (choice.models, choice.source) == ((ModelSpec("openai", "e"),), "SKILLWRIGHT_MODEL")
    assert choice.settings.max_tokens == 99


def test_what_was_typed_counts_first(profile, monkeypatch):
    profile(MINE)
    monkeypatch.setenv("SKILLWRIGHT_MODEL", "openai:e")
    choice = choose_role("rewarder", typed="ollama:x,ollama:y", profile="mine")
    assert (choice.models, choice.source) == ((ModelSpec("ollama", "x"), ModelSpec("ollama", "y")), "--model")


def test_none_can_be_typed_against_a_profile(profile):
    profile(MINE)
    assert choose_role("rewarder", typed="none", profile="mine").models == (NONE,)


def test_a_wrong_name_says_where_it_came_from(monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_MODEL", "gpt-4o")
    with pytest.raises(ConfigError) as caught:
        choose_role("rewarder")
    assert caught.value.__notes__ == ["This name came from SKILLWRIGHT_MODEL."]


def test_an_unknown_profile_is_answered_with_a_close_one(profile):
    profile(MINE)
    with pytest.raises(NotFound, match=r"did you mean 'mine'\?"):
        load_profile("mien")


def test_the_list_of_prices_is_no_profile():
    assert list_profiles() == ["default"]


def test_every_built_in_profile_can_be_read():
    assert [load_profile(name).description for name in list_profiles()] != [""]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("description", "descripton", 1, "the file has no key 'descripton'; did you mean 'description'?"),
        ("  rewarder", "  rewader", 3, "roles.rewader: 'rewader' is not known; did you mean 'rewarder'?"),
        ("temperature", "temprature", 5, "has no key 'temprature'; did you mean 'temperature'?"),
        ("temperature: 0.5", "temperature: hot", 5, "should be a valid number"),
        ("temperature: 0.5", "temperature: 2.5", 5, "less than or equal to 2, not 2.5"),
        ("max_usd: 0.5", "max_usd: -1", 7, "greater than or equal to 0"),
        ("ollama:b", "olama:b", 4, "did you mean 'ollama'?"),
        ("ollama:b", "gpt-4o", 4, "does not say whose model it is"),
        ("max_tokens: 99", "temperature: 0.1", 6, "the key 'temperature' is given twice"),
        ("roles:", "roles: [", 4, "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(profile, old, new, line, said):
    assert MINE.count(old) >= 1
    path = profile(MINE.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_profile("mine")
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "a: &x {b: *x}", "a: {b: " * 2000, "description: 2026-99-99"])
def test_a_file_that_is_something_else_is_refused(profile, text):
    path = profile(text)
    with pytest.raises(ConfigError, match=str(path)):
        load_profile("mine")


def test_a_file_that_is_no_text_is_refused(profile):
    path = profile("")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_profile("mine")
