"""Skills act one after another in one episode, and programs decide which."""

import pytest

from skillwright.agents.acting import Episode, Performer, SkillGaveUp, WorldOver
from skillwright.agents.acting.calls import called_names
from skillwright.agents.acting.trial import ProgramTask, try_program
from skillwright.core import Home, ProgramRejected

from .programs import CARD, TASK, troupe_in


@pytest.fixture
def troupe(home):
    return troupe_in(Home.open(home))


def program(body, head="s, run"):
    return f"def skill({head}):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def tried(troupe, source, step_limit=500, seeds=range(3)):
    return list(try_program(source, ProgramTask(card=CARD, task=TASK, step_limit=step_limit), troupe, seeds))


def test_a_policy_hands_over_when_its_steps_are_used_up_and_the_next_one_goes_on_from_there(troupe):
    for one in tried(troupe, program('run("push-right")\nrun("balance")')):
        push, balance = one.deeds
        assert (push.first_step, push.num_steps, push.succeeded) == (0, 3, False)
        assert balance.first_step == 3 and balance.num_steps == 497
        assert one.has_succeeded


def test_what_only_pushes_fails_and_the_episode_says_so(troupe):
    [one] = tried(troupe, program('while True:\n    run("push-right")'), seeds=[0])
    assert not one.has_succeeded and one.score.length < 20
    assert abs(one.last_state["angle"]) > 0.2


def test_the_end_of_the_world_ends_the_program_without_a_failure(troupe):
    [one] = tried(troupe, program('run("balance")\nrun("push-right")\nraise ValueError("never reached")'), seeds=[0])
    assert one.problem == "" and [deed.skill for deed in one.deeds] == ["balance@1"]


def test_the_step_limit_cuts_an_episode_off(troupe):
    [one] = tried(troupe, program('run("balance")'), step_limit=50, seeds=[0])
    assert one.score.length == 50


def test_a_program_sees_the_fields_of_the_card_and_how_its_skill_did(troupe):
    body = 's = run("push-right")\nassert s.vx > 0 and s.num_steps == 3 and not s.succeeded, f"{s.vx}"\nrun("balance")'
    assert all(one.has_succeeded for one in tried(troupe, program(body)))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('run("push-right")\nraise ValueError("it went wrong")', "line 3: ValueError: it went wrong"),
        ('run("push-right", far=2.0)', "is a policy and has no options"),
        ('s = run("push-right")\ns.height', "no field 'height'"),
    ],
)
def test_a_failure_is_told_with_its_line(troupe, body, why):
    [one] = tried(troupe, program(body), seeds=[0])
    assert why in one.problem and not one.has_succeeded


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('run("hover")', "hover"),
        ('name = "balance"\nrun(name)', "line 3: run takes the written name"),
        ('go = run\ngo("balance")\nrun("balance")', "line 2: run may only be called"),
        ("s.angle", "runs no skill"),
    ],
)
def test_a_program_that_calls_what_is_not_there_is_refused_before_it_runs(troupe, body, why):
    with pytest.raises(ProgramRejected, match=why):
        tried(troupe, program(body))


def test_calls_are_read_from_the_text_each_once(troupe):
    source = program('if s.x > 0:\n    run("b")\nelse:\n    run("a")\nrun("b")')
    assert called_names(source) == ["b", "a"]


def test_a_program_calls_a_program_with_its_options(troupe):
    inner = program('for _ in range(int(times)):\n    run("push-right")', "s, run, times=1.0")
    artifacts, library = troupe.artifacts, troupe.library
    draft = library.get("balance").model_copy(
        update={
            "name": "push-often",
            "kind": "program",
            "policy": artifacts.put(inner.encode()),
            "dependencies": ("push-right@1",),
            "lineage": library.get("balance").lineage.model_copy(update={"run_id": "made-push-often"}),
        }
    )
    library.store(draft)
    [one] = tried(troupe, program('run("push-often", times=1)\nrun("balance")'), seeds=[0])
    assert [(deed.skill, deed.depth, deed.num_steps) for deed in one.deeds] == [
        ("push-right@1", 2, 3),
        ("push-often@1", 1, 3),
        ("balance@1", 1, 497),
    ]


def test_a_program_that_calls_itself_without_end_is_stopped(troupe):
    source = program('run("again")')
    artifacts, library = troupe.artifacts, troupe.library
    draft = library.get("balance").model_copy(
        update={"name": "again", "kind": "program", "policy": artifacts.put(source.encode())}
    )
    again = library.store(draft)
    with Episode(CARD, 0, step_limit=10) as episode, pytest.raises(SkillGaveUp, match="8 deep"):
        Performer(troupe, episode).perform(again)


def test_a_skill_of_another_world_is_refused(troupe):
    with Episode(CARD, 0, step_limit=10) as episode, pytest.raises(SkillGaveUp, match="made for box2d"):
        other = troupe.library.get("balance").model_copy(update={"env_id": "box2d/LunarLander-v3"})
        Performer(troupe, episode).perform(other)


def test_nothing_begins_after_the_end(troupe):
    with Episode(CARD, 0, step_limit=5) as episode:
        performer = Performer(troupe, episode)
        performer.perform(troupe.library.get("balance"))
        with pytest.raises(WorldOver):
            performer.perform(troupe.library.get("balance"))
