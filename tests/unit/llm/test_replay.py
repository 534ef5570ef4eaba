import pytest
from pydantic import BaseModel

from skillwright.core import ConfigError, Home, ModelUnavailable, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker
from skillwright.llm.chat import Replies, Reply, Usage
from skillwright.llm.ledger import Ledger, Price
from skillwright.llm.replay import ReplayModel, write_replay

FREE = Price(prompt_usd_per_million=0.0, completion_usd_per_million=0.0, date="2026-01-31")


class Config(BaseModel):
    pass


class Word(BaseModel):
    word: str


class Prices:
    def price_of(self, model):
        return FREE


class Counting:
    """Answers each sample with its own word; the first answer to anything is of the wrong form."""

    spec = "test:counting"

    def __init__(self, max_samples):
        self.max_samples, self.num_requests = max_samples, 0

    def ask(self, question, num_samples, *, seed, timeout_s, stream):
        self.num_requests += 1
        texts = [f'{{"word": "{question.sample + i} at {self.num_requests}"}}' for i in range(num_samples)]
        if self.num_requests == 1:
            texts[0] = "nonsense"
        replies = [Reply(text=text, finish="stop") for text in texts]
        return Replies(replies, Usage(prompt_tokens=3, completion_tokens=num_samples), "counting-1")


@pytest.fixture
def journal(home, tmp_path, monkeypatch):
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "word.md").write_text("Say one word about {{ topic }}.")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    return Journal(Database.open(Home.open(home)))


def run(journal, model):
    """Asks two questions on behalf of a new run; returns its id, what came, and its ledger."""
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    ledger = Ledger(prices=Prices())
    asker = Asker(model=model, steps=Steps(journal, run_id), ledger=ledger)
    came = [asker.ask("word.md", {"topic": topic}, Word, num_samples=3, role="coder") for topic in ("time", "space")]
    return run_id, came, ledger


@pytest.mark.parametrize("max_samples", [1, 2, 8])
def test_a_run_is_reproduced_without_its_model(journal, tmp_path, max_samples):
    run_id, came, _ = run(journal, Counting(max_samples))
    write_replay(journal, run_id, tmp_path / "run.jsonl")
    _, again, ledger = run(journal, ReplayModel.open(tmp_path / "run.jsonl"))
    assert again == came
    assert ledger.spending().tokens == 0


def test_a_replay_of_a_replay_is_the_same_file(journal, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    write_replay(journal, run(journal, Counting(8))[0], first)
    write_replay(journal, run(journal, ReplayModel.open(first))[0], second)
    assert second.read_bytes() == first.read_bytes()


def test_a_question_that_was_never_asked_is_a_clear_error(journal, tmp_path):
    write_replay(journal, run(journal, Counting(8))[0], tmp_path / "run.jsonl")
    asker = Asker(
        model=ReplayModel.open(tmp_path / "run.jsonl"),
        steps=Steps(journal, journal.start_run(kind="test", config=Config(), seed=0).id),
        ledger=Ledger(prices=Prices()),
    )
    with pytest.raises(ModelUnavailable, match=r"no reply number 0 to the question 'Say one word about colour\.'"):
        asker.ask_one("word.md", {"topic": "colour"}, Word, role="coder")


def test_a_broken_file_is_named_with_its_line(tmp_path, journal):
    path = tmp_path / "run.jsonl"
    write_replay(journal, run(journal, Counting(8))[0], path)
    path.write_text(path.read_text() + '{"question": 1}\n')
    num_lines = len(path.read_text().splitlines())
    with pytest.raises(ConfigError, match=rf"run\.jsonl:{num_lines}: this is no line of a replay file"):
        ReplayModel.open(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        ReplayModel.open(tmp_path / "none.jsonl")


def test_a_run_that_asked_no_model_has_nothing_to_replay(journal, tmp_path):
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    with pytest.raises(ConfigError, match="nothing to replay"):
        write_replay(journal, run_id, tmp_path / "run.jsonl")
    with pytest.raises(NotFound):
        write_replay(journal, "nobody", tmp_path / "run.jsonl")
