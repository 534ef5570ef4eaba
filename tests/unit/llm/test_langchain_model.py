import subprocess
import sys

import pytest
from pydantic import SecretStr

from skillwright.core import ModelUnavailable
from skillwright.llm.chat import Message, Question, unheard
from skillwright.llm.langchain_model import Abilities, LangChainModel

QUESTION = Question(messages=(Message(role="user", text="?"),))


def ask(model):
    return model.ask(QUESTION, 1, seed=0, timeout_s=1.0, stream=unheard)


def model_of(provider, **settings):
    return LangChainModel(spec=f"{provider}:m", provider=provider, model="m", **settings)


ASK_WITHOUT = """
import sys
from pydantic import SecretStr
from skillwright.core import MissingExtra
from skillwright.llm.chat import Message, Question, unheard
from skillwright.llm.langchain_model import LangChainModel

sys.modules[{module!r}] = None
model = LangChainModel(spec="openai:m", provider="openai", model="m", api_key=SecretStr("sk-x"))
question = Question(messages=(Message(role="user", text="?"),))
try:
    model.ask(question, 1, seed=0, timeout_s=1.0, stream=unheard)
except MissingExtra as error:
    print(error)
"""


@pytest.mark.parametrize("module", ["langchain.chat_models", "langchain_openai"])
def test_a_missing_package_is_named_with_the_line_that_installs_it(module):
    done = subprocess.run(
        [sys.executable, "-c", ASK_WITHOUT.format(module=module)], capture_output=True, text=True, check=True
    )
    assert "is not installed; run: pip install 'skillwright[models]'" in done.stdout


def test_a_missing_package_of_another_provider_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain_groq", None)
    with pytest.raises(ModelUnavailable, match=r"groq:m: .*pip install.*langchain.groq"):
        ask(model_of("groq", api_key=SecretStr("sk-x")))


def test_settings_that_a_package_refuses_are_told_without_the_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="openai:m: its package does not take the settings"):
        ask(model_of("openai"))


@pytest.mark.parametrize(
    ("provider", "abilities", "is_one"),
    [
        ("openai", Abilities(), False),
        ("openai", Abilities(n=True), False),
        ("openai", Abilities(n=False), True),
        ("anthropic", Abilities(), True),
    ],
)
def test_several_replies_at_once_are_asked_of_whom_can_give_them(provider, abilities, is_one):
    assert (model_of(provider, abilities=abilities).max_samples == 1) is is_one


def test_a_key_is_not_in_the_text_of_a_model():
    assert "sk-secret" not in repr(model_of("openai", api_key=SecretStr("sk-secret")))
