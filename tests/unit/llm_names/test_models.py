import json
import subprocess
import sys

import pytest

from skillwright.core.errors import ConfigError, ModelUnavailable, NotFound
from skillwright.core.home import Home
from skillwright.llm import providers
from skillwright.llm.chat import Message, Question, unheard
from skillwright.llm.langchain_model import Abilities
from skillwright.llm.models import make_model
from skillwright.llm.remembering import KnownModel, known_models, remember
from skillwright.llm.spec import NONE, ModelSpec, parse_spec

QUESTION = Question(messages=(Message(role="user", text="Hello?"),))
SERVER = parse_spec("vllm:m@http://localhost:8000/v1")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for provider in providers.PROVIDERS.values():
        if provider.key_variable:
            monkeypatch.delenv(provider.key_variable, raising=False)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Installs a package that brings a provider."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "echo_models.py").write_text("def make(spec, abilities):\n    return (spec, abilities)\n")
    metadata = tmp_path / "echo_models-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-models\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[skillwright.models]\necho = echo_models:make\n")
    monkeypatch.delitem(providers.MODELS.__dict__, "_plugins", raising=False)  # read once per process
    yield
    del providers.MODELS.__dict__["_plugins"]


def test_a_plugins_models_come_through_the_same_door(plugin):
    assert make_model(parse_spec("echo:hall")) == (ModelSpec("echo", "hall"), Abilities())


def test_no_model_refuses_to_answer_and_says_how_to_name_one():
    with pytest.raises(ModelUnavailable, match="--model, SKILLWRIGHT_MODEL or an agent profile"):
        make_model(NONE).ask(QUESTION, 1, seed=0, timeout_s=1, stream=unheard)


def test_every_built_in_provider_is_a_model_or_says_what_it_lacks():
    for provider in providers.PROVIDERS.values():
        try:
            assert make_model(parse_spec(provider.example)).spec == provider.example
        except (ModelUnavailable, ConfigError) as error:
            assert any(hint in str(error) for hint in ("run: pip install", "needs a key: set ", "FILE cannot be read"))


def test_a_model_without_its_key_says_how_to_give_it():
    pytest.importorskip("langchain_openai")
    with pytest.raises(ModelUnavailable, match=r"needs a key: set OPENAI_API_KEY, or .* keyring set skillwright"):
        make_model(parse_spec("openai:gpt-5"))


def test_what_a_check_found_is_used_for_the_same_model_only():
    pytest.importorskip("langchain_openai")
    home = Home.open()
    remember(home, SERVER, KnownModel(checked_at="2026-01-01T00:00:00+00:00", abilities=Abilities(n=False)))
    assert make_model(SERVER, home=home).max_samples == 1
    assert make_model(parse_spec("vllm:other@http://localhost:8000/v1"), home=home).max_samples > 1
    assert make_model(SERVER).max_samples > 1


def test_checks_of_several_models_are_remembered_and_the_newest_counts():
    home = Home.open()
    first = KnownModel(checked_at="2026-01-01T00:00:00+00:00", abilities=Abilities(n=False, context_length=7))
    second = KnownModel(checked_at="2026-01-02T00:00:00+00:00", abilities=Abilities(n=True))
    for spec, found in [(SERVER, first), (parse_spec("ollama:m"), first), (SERVER, second)]:
        remember(home, spec, found)
    assert known_models(home) == {"ollama:m": first, str(SERVER): second}
    assert sorted(path.name for path in home.path.iterdir()) == ["models.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"models": {"a": 1}}', '{"newer": true}'])
def test_a_memory_that_cannot_be_read_counts_as_none(text):
    home = Home.open()
    (home.path / "models.json").write_text(text)
    assert known_models(home) == {}
    remember(home, SERVER, KnownModel(checked_at="2026-01-01T00:00:00+00:00", abilities=Abilities()))
    assert list(known_models(home)) == [str(SERVER)]


def test_an_unknown_provider_is_refused():
    with pytest.raises(NotFound):
        make_model(ModelSpec("nobody", "m"))


def test_naming_and_pricing_models_loads_nothing_heavy():
    script = (
        "import json, sys\n"
        "from skillwright.llm import models, prices, profiles, bandit, spec\n"
        "profiles.choose_role('rewarder'); prices.PriceList.read(); models.make_model(spec.NONE)\n"
        "heavy = ('langchain', 'langchain_core', 'openai', 'httpx', 'keyring', 'numpy', 'tokenizers')\n"
        "print(json.dumps([module for module in heavy if module in sys.modules]))"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == []
