import pytest
from pydantic import BaseModel

from skillwright.core import BudgetExceeded, ConfigError, Home, ModelUnavailable, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.chat import Replies, Reply, Usage
from skillwright.llm.failures import ModelError
from skillwright.llm.ledger import NO_LIMITS, Ledger, Limits, Price
from skillwright.llm.replay import ReplayModel, write_replay
from skillwright.llm.retrying import RetryPolicy

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
    came = [asker.ask("word.md", {"topic": topic}, Word, samples=range(3), role="coder") for topic in ("time", "space")]
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


class Named(Counting):
    """Signs its words; fails for good at some samples, and always replies nonsense at others."""

    def __init__(self, name, *, fails_at=(), babbles_at=(), max_samples=1):
        super().__init__(max_samples)
        self.spec, self.fails_at, self.babbles_at = f"test:{name}", fails_at, babbles_at

    def ask(self, question, num_samples, *, seed, timeout_s, stream):
        if question.sample in self.fails_at:
            raise ModelError(f"HTTP 503 from {self.spec}", kind="server")
        text = "nonsense" if question.sample in self.babbles_at else f'{{"word": "{question.sample} of {self.spec}"}}'
        return Replies([Reply(text=text, finish="stop")], Usage(prompt_tokens=3, completion_tokens=1), self.spec)


QUICK = AskSettings(retries=RetryPolicy(max_attempts=1), max_requests=1)


def ask_all(journal, parts, *, limits=NO_LIMITS, settings=QUICK, num_questions=2):
    """Asks models for their parts of the same questions; returns the run, the values and the failures."""
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    ledger, values, failures = Ledger(prices=Prices(), limits=limits), [], []
    for topic in ("time", "space")[:num_questions]:
        for model, samples in parts:
            asker = Asker(model=model, steps=Steps(journal, run_id), ledger=ledger, settings=settings)
            came = asker.ask("word.md", {"topic": topic}, Word, samples=samples, role="coder")
            values += zip(came.samples, came.values, strict=True)
            failures += came.failures
    return run_id, values, failures


def replayed(journal, run_id, path, num_samples, settings=QUICK):
    write_replay(journal, run_id, path)
    return ask_all(journal, [(ReplayModel.open(path), range(num_samples))], settings=settings)


def test_a_run_of_several_models_is_reproduced_by_its_replay_alone(journal, tmp_path):
    parts = [(Named("a"), range(3)), (Named("b", babbles_at=[4]), range(3, 6)), (Named("c"), range(6, 7))]
    run_id, values, failures = ask_all(journal, parts)
    assert {value.word.rpartition(" ")[2] for _, value in values} == {"test:a", "test:b", "test:c"}
    assert replayed(journal, run_id, tmp_path / "run.jsonl", 7)[1:] == (values, failures)


def test_a_replay_answers_whatever_the_temperature_and_length(journal, tmp_path):
    run_id, values, failures = ask_all(journal, [(Named("a"), range(3))])
    other = AskSettings(temperature=0.3, max_tokens=77, num_repairs=0)
    assert replayed(journal, run_id, tmp_path / "run.jsonl", 3, other)[1:] == (values, failures)


def test_samples_that_failed_for_good_fail_again_and_take_no_others_with_them(journal, tmp_path):
    first, second = Named("a", fails_at=[2], babbles_at=[0]), Named("b", babbles_at=[4])
    run_id, values, failures = ask_all(journal, [(first, range(4)), (second, range(4, 6))])
    assert {1, 5} <= {sample for sample, _ in values} <= {1, 3, 5}
    assert {failure.partition(":")[0] for failure in failures} >= {"sample 0", "sample 2", "sample 4"}
    again = replayed(journal, run_id, tmp_path / "run.jsonl", 6)
    assert again[1:] == (values, failures)
    assert replayed(journal, again[0], tmp_path / "again.jsonl", 6)[1:] == (values, failures)


def test_samples_that_a_limit_refused_are_refused_again_without_the_limit(journal, tmp_path):
    limits = Limits(max_tokens=4300)
    run_id, values, failures = ask_all(journal, [(Named("a"), range(60))], limits=limits, num_questions=1)
    assert "limit of 4,300 tokens" in failures[-1]
    write_replay(journal, run_id, tmp_path / "run.jsonl")
    model = ReplayModel.open(tmp_path / "run.jsonl")
    assert ask_all(journal, [(model, range(60))], num_questions=1)[1:] == (values, failures)
    asker = Asker(
        model=model,
        steps=Steps(journal, journal.start_run(kind="test", config=Config(), seed=0).id),
        ledger=Ledger(prices=Prices()),
    )
    with pytest.raises(BudgetExceeded, match="limit of 4,300 tokens"):
        asker.ask("word.md", {"topic": "time"}, Word, samples=range(59, 60), role="coder")


def test_a_sample_that_a_later_sitting_got_is_no_failure_in_the_replay(journal, tmp_path):
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    for model in (Named("a", fails_at=[1]), Named("a")):
        asker = Asker(model=model, steps=Steps(journal, run_id), ledger=Ledger(prices=Prices()), settings=QUICK)
        came = asker.ask("word.md", {"topic": "time"}, Word, samples=range(2), role="coder")
    write_replay(journal, run_id, tmp_path / "run.jsonl")
    parts = [(ReplayModel.open(tmp_path / "run.jsonl"), range(2))]
    assert [value for _, value in ask_all(journal, parts, num_questions=1)[1]] == came.values
