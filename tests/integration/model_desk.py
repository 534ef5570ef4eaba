"""A run that asks a scripted server: what the tests of troubles and of habits share."""

from types import SimpleNamespace

from pydantic import BaseModel, ConfigDict, SecretStr

from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.exchanges import enter_journal
from skillwright.llm.langchain_model import Abilities, LangChainModel
from skillwright.llm.ledger import NO_LIMITS, Ledger, Price
from skillwright.llm.retrying import RetryPolicy

KEY = "sk-very-secret-0123456789"
QUICK = RetryPolicy(first_wait_s=0.01, max_wait_s=0.02, max_attempts=3)
PRICE = Price(prompt_usd_per_million=1.0, completion_usd_per_million=2.0, date="2026-01-31")


class Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str


class Config(BaseModel):
    pass


class Priced:
    def price_of(self, model):
        return PRICE


class Unpriced:
    def price_of(self, model):
        return None


PRICED, UNPRICED, UNPROBED = Priced(), Unpriced(), Abilities()


def open_project(folder, monkeypatch):
    """Makes a person's own project with one prompt."""
    (folder / "prompts").mkdir()
    (folder / "prompts" / "word.md").write_text("Say one word about {{ topic }}.")
    (folder / "skillwright.toml").touch()
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(folder))


def open_desk(home, server):
    """Makes askers of one run."""
    journal = Journal(Database.open(Home.open(home)))
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    heard = []

    def asker(*, abilities=UNPROBED, limits=NO_LIMITS, prices=PRICED, stream=None, **settings):
        model = LangChainModel(
            spec=f"vllm:tiny@{server.url}", provider="openai", model="tiny", base_url=server.url,
            api_key=SecretStr(KEY), abilities=abilities,
        )  # fmt: skip
        settings = AskSettings(**{"timeout_s": 5.0, "max_tokens": 100, "retries": QUICK, **settings})
        ledger = enter_journal(Ledger(prices=prices, limits=limits), journal, run_id)
        listening = {} if stream is None else {"stream": stream}
        return Asker(
            model=model, steps=Steps(journal, run_id), ledger=ledger, settings=settings, said=heard.append, **listening
        )

    def rebuilt():
        return enter_journal(Ledger(prices=PRICED), journal, run_id).spending()

    return SimpleNamespace(asker=asker, rebuilt=rebuilt, journal=journal, run_id=run_id, heard=heard)


def ask(asker, num_samples=1, schema=Word, topic="time"):
    return asker.ask("word.md", {"topic": topic}, schema, samples=range(num_samples), role="planner")


def ask_one(asker, schema=Word, topic="time"):
    return asker.ask_one("word.md", {"topic": topic}, schema, role="planner")
