"""A model judges skill programs where no program can, asked through the real client on loopback."""

import json
import threading

import pytest
from typer.testing import CliRunner

from skillwright.agents.programming import ProgramRequest, begin_program, carry_out_program
from skillwright.cli.app import app
from skillwright.core import ConfigError, Home, ModelUnavailable
from skillwright.rewards.progress import Silent
from skillwright.skills.stored_card import read_card

from ..unit.agents.programs import troupe_in
from .model_server import ModelServer, says

WORLD = "classic_control/CartPole-v1"
PUSHES = 'def skill(s, run):\n    """Push."""\n    run("push-right")\n'
BALANCES = 'def skill(s, run):\n    """Balance."""\n    run("balance")\n'
TASK = "keep the pole up and stay near the middle"


class CoderAndJudge:
    """Is the ``otherwise`` of a ``ModelServer``: writes program after program, and judges by what the fields did."""

    def __init__(self, *sources, broken=0):
        self.sources = list(sources)
        self.broken = broken
        self.coder_prompts, self.judge_prompts = [], []
        self._lock = threading.Lock()

    def __call__(self, handler, body, number):
        prompt = str(body["messages"][0]["content"])
        with self._lock:
            reply = self.judge(prompt) if "You judge whether" in prompt else self.write(prompt)
        says(json.dumps(reply))(handler, body, number)

    def write(self, prompt):
        self.coder_prompts.append(prompt)
        return {"rationale": "It should do.", "source": self.sources.pop(0)}

    def judge(self, prompt):
        self.judge_prompts.append(prompt)
        if self.broken:
            self.broken -= 1
            return {"success": "perhaps"}
        done = "The episode took 500 steps" in prompt
        reason = "it lasted 500 steps" if done else "it was over after 3 steps"
        return {"success": done, "reason": reason, "critique": "" if done else "run balance, do not only push"}


class Person:
    def __init__(self, answer):
        self.answer = answer
        self.texts = []

    def confirms(self, text):
        self.texts.append(text)
        return self.answer


@pytest.fixture
def opened(home):
    home = Home.open(home)
    troupe_in(home)
    return home


@pytest.fixture
def server():
    with ModelServer() as server:
        yield server


def begin(opened, server, models, **changes):
    server.otherwise = models
    values = {"own_task": TASK, "name": "steady", "num_held_out": 2, "model": f"vllm:tiny@{server.url}"}
    return begin_program(opened, ProgramRequest(world=WORLD, **{**values, **changes}))


def test_the_judges_critique_reaches_the_coder_whose_repair_is_stored_as_a_draft(opened, server):
    models = CoderAndJudge(PUSHES, BALANCES)
    record = carry_out_program(opened, begin(opened, server, models), Silent())
    assert "The judge, who read its fields: it was over after 3 steps run balance" in models.coder_prompts[1]
    assert record.num_attempts == 2
    assert (record.skill.status, record.skill.evidence.success_rate) == ("draft", 1.0)


def test_the_evidence_says_which_model_judged_and_why(opened, server):
    record = carry_out_program(opened, begin(opened, server, CoderAndJudge(BALANCES)), Silent())
    assert record.skill.evidence.judged_by == f"vllm:tiny@{server.url}"
    assert record.skill.evidence.reasons == ("it lasted 500 steps",) * 2
    assert record.skill.evidence.num_episodes == 2


def test_the_judge_reads_the_task_the_fields_and_what_was_run(opened, server):
    models = CoderAndJudge(BALANCES)
    carry_out_program(opened, begin(opened, server, models), Silent())
    prompt = models.judge_prompts[0]
    assert TASK in prompt
    assert "- balance@1, steps 0 to 500" in prompt
    assert "`x` [m]:" in prompt
    assert "def skill" not in prompt


@pytest.mark.parametrize(("answer", "status"), [(True, "verified"), (False, "draft")])
def test_a_person_who_confirms_makes_it_verified(opened, server, answer, status):
    person = Person(answer)
    run_id = begin(opened, server, CoderAndJudge(BALANCES))
    record = carry_out_program(opened, run_id, Silent(), person=person)
    assert record.skill.status == status
    assert "judged 100 % of 2 episodes as done:\n- done: it lasted 500 steps" in person.texts[0]
    assert carry_out_program(opened, run_id, Silent(), person=person).skill == record.skill
    assert len(person.texts) == 1


def test_yes_takes_the_models_judgement(opened, server):
    run_id = begin(opened, server, CoderAndJudge(BALANCES), is_confirmed=True)
    assert carry_out_program(opened, run_id, Silent()).skill.status == "verified"


def test_what_the_model_does_not_call_done_stays_a_draft_even_with_yes(opened, server):
    run_id = begin(opened, server, CoderAndJudge(PUSHES), is_confirmed=True, num_turns=1)
    record = carry_out_program(opened, run_id, Silent())
    assert (record.skill.status, record.skill.evidence.success_rate) == ("draft", 0.0)


def test_a_reply_that_is_no_verdict_goes_back_once(opened, server):
    models = CoderAndJudge(BALANCES, broken=1)
    record = carry_out_program(opened, begin(opened, server, models), Silent())
    assert record.skill.evidence.success_rate == 1.0


def test_a_model_that_gives_no_verdict_twice_stops_the_run(opened, server):
    with pytest.raises(ModelUnavailable, match=r"verifier/judge\.md"):
        carry_out_program(opened, begin(opened, server, CoderAndJudge(BALANCES, broken=99)), Silent())


def test_a_task_with_success_code_is_never_judged_by_a_model(opened, server):
    models = CoderAndJudge(BALANCES)
    record = carry_out_program(opened, begin(opened, server, models, own_task=""), Silent())
    assert models.judge_prompts == []
    assert (record.skill.status, record.skill.evidence.judged_by) == ("verified", "code")


def test_a_program_of_the_persons_own_is_judged_too(opened, server):
    run_id = begin(opened, server, CoderAndJudge(), source=BALANCES)
    record = carry_out_program(opened, run_id, Silent())
    assert (record.num_attempts, record.skill.evidence.success_rate) == (0, 1.0)


def test_the_stored_card_has_the_task_without_a_success_program(opened, server):
    record = carry_out_program(opened, begin(opened, server, CoderAndJudge(BALANCES)), Silent())
    task = read_card(record.skill, troupe_in(opened).artifacts).tasks[record.skill.task]
    assert (task.text, task.success) == (TASK, None)
    assert record.skill.description == TASK


def test_the_step_limit_and_the_turns_are_as_they_were_asked_for(opened, server):
    models = CoderAndJudge(BALANCES, BALANCES, BALANCES)
    run_id = begin(opened, server, models, num_turns=2, step_limit=40)
    record = carry_out_program(opened, run_id, Silent())
    assert (record.num_attempts, record.skill.step_limit) == (2, 40)
    assert "The episode took 40 steps; at the end its time was up." in models.judge_prompts[0]


def test_a_task_of_ones_own_without_a_model_is_refused(opened):
    with pytest.raises(ConfigError, match="none is configured as verifier"):
        begin_program(opened, ProgramRequest(world=WORLD, own_task=TASK, source=BALANCES))


def test_the_command_tells_who_judged_and_leaves_a_draft(opened, server):
    server.otherwise = CoderAndJudge(BALANCES)
    options = ["--model", f"vllm:tiny@{server.url}", "--episodes", "2", "--turns", "1", "--name", "steady"]
    result = CliRunner().invoke(app, ["skills", "write", WORLD, "--task-text", TASK, *options])
    assert result.exit_code == 1
    assert f"Judged by vllm:tiny@{server.url}, a language model, not by code:" in result.stdout
    assert "- it lasted 500 steps" in result.stdout
    assert "nobody is there to confirm that: it stays a draft" in result.stdout
    assert "Stored as steady@1, draft." in result.stdout


def test_words_for_a_task_of_the_card_and_for_ones_own_exclude_each_other(opened):
    result = CliRunner().invoke(app, ["skills", "write", WORLD, "--task", "balance", "--task-text", TASK])
    assert isinstance(result.exception, ConfigError)
    assert "--task-text" in str(result.exception)
