"""From a sentence to a task of the card, without a language model."""

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.planner import CardPlanner
from skillwright.core import ArtifactStore, Home, NotFound
from skillwright.core.database import Database
from skillwright.core.serialising import to_json
from skillwright.envs import find_card
from skillwright.skills import Evidence, Lineage, Skill
from skillwright.skills.library import Library

LANDER = find_card("LunarLander-v3")


@pytest.fixture
def library(home) -> Library:
    opened = Home.open(home)
    return Library(Database.open(opened), ArtifactStore(opened.artifacts))


@pytest.fixture
def store(library, home):
    """Stores a skill that was made for a sentence."""
    artifacts = ArtifactStore(Home.open(home).artifacts)

    def stored(text="Land softly", status="verified", task="land", env_id=LANDER.id, run_id="run-0", card=LANDER):
        evidence = Evidence(
            first_seed=0, num_episodes=1, success_rate=1.0, success_interval=(0.2, 1.0), fitness=1.0,
            fitness_interval=(1.0, 1.0), required_success_rate=0.9, training_timesteps=1, wall_time_s=1.0,
        )  # fmt: skip
        lineage = Lineage(
            run_id=run_id, task_text=text, planner="CardPlanner", proposer="search", model="none",
            candidate_id="g0-c00", generation=0, parents=(),
        )  # fmt: skip
        return library.store(
            Skill(
                name="the-skill", version=1, status=status, description=text, env_id=env_id, task=task, step_limit=1,
                card=artifacts.put(to_json(card).encode()), policy=artifacts.put(b"policy"), reward_source="",
                reward_weights={},
                evidence=evidence, lineage=lineage, created_at="2026-01-01T00:00:00+00:00",
            )
        )  # fmt: skip

    return stored


@pytest.fixture
def plan(library):
    def planned(text, card=LANDER, **changes):
        return CardPlanner(library).plan(RunRequest(text=text, env=card.id, **changes), card)

    return planned


@pytest.mark.parametrize(
    "text",
    [
        "Land softly between the flags",
        "land",
        "LANDING!",
        "Touch down gently on the pad",
        "Come to rest on both legs",
        "Set it down between the two flags",
        "please bring the lander down, softly",
        "make it land in the middle of the pad, upright",
    ],
)
def test_a_sentence_about_landing_means_the_task_land(plan, text):
    assert [sub_task.task for sub_task in plan(text).sub_tasks] == ["land"]


@pytest.mark.parametrize(
    "text",
    [
        "Hover above the pad",
        "hover",
        "Hovering...",
        "Stay upright in the air above the pad until time is up",
        "the lander hovers half way up",
        "Float above the middle of the pad",
        "Hover over the landing pad",
        "hover between the flags",
        "Keep hovering, do not land",
        "Hover softly between the two flags without ever landing",
    ],
)
def test_a_sentence_about_hovering_means_the_task_hover(plan, text):
    assert [sub_task.task for sub_task in plan(text).sub_tasks] == ["hover"]


@pytest.mark.parametrize("card_id", ["LunarLander-v3", "LunarLanderContinuous-v3", "CartPole-v1", "BipedalWalker-v3"])
def test_the_text_and_the_name_of_every_task_mean_that_task(plan, card_id):
    card = find_card(card_id)
    for name, task in card.tasks.items():
        assert plan(task.text, card).sub_tasks[0].task == name
        assert plan(name.replace("_", " "), card).sub_tasks[0].task == name


@pytest.mark.parametrize("text", ["🚀🌙", "着陸してください", "Приземлись мягко", "ارسم", "x", "...", "the of and"])
def test_a_sentence_that_names_no_task_gets_the_first_one_and_is_told_so(plan, text):
    made = plan(text)
    assert made.sub_tasks[0].task == next(iter(LANDER.tasks))
    assert "names none of the tasks" in made.rationale and "land, hover" in made.rationale


def test_a_card_with_one_task_leaves_no_choice(plan):
    made = plan("anything at all", find_card("CartPole-v1"))
    assert made.sub_tasks[0].task == "balance"
    assert "has one task, balance, by which the skill is judged: Keep the pole upright" in made.rationale


def test_the_plan_keeps_the_sentence_as_it_was_typed(plan):
    made = plan("  Land   SOFTLY 🚀 ")
    assert made.text == made.sub_tasks[0].text == "  Land   SOFTLY 🚀 "
    assert made.planner == "CardPlanner" and made.sub_tasks[0].env_id == LANDER.id


def test_a_very_long_sentence_is_planned(plan):
    assert plan("hover " * 20_000).sub_tasks[0].task == "hover"


@pytest.mark.parametrize("text", ["Land softly", "  land   SOFTLY "])
def test_a_verified_skill_of_the_same_sentence_is_reused(plan, store, text):
    store()
    made = plan(text)
    assert made.sub_tasks[0].reuse == "the-skill@1"
    assert "already has it: the-skill@1" in made.rationale


def test_a_skill_that_was_made_with_another_version_of_the_card_is_not_reused(plan, store):
    store(card=LANDER.model_copy(update={"horizon": 500}))
    made = plan("Land softly")
    assert made.sub_tasks[0].reuse is None
    assert "made with another version of the card" in made.rationale


def test_a_task_that_is_asked_for_is_taken_whatever_the_sentence_says(plan):
    assert plan("Land softly", task="hover").sub_tasks[0].task == "hover"
    with pytest.raises(NotFound, match="did you mean 'hover'"):
        plan("Land softly", task="hovr")


@pytest.mark.parametrize("status", ["draft", "failed", "retired"])
def test_a_skill_that_is_not_verified_is_not_reused(plan, store, status):
    store(status=status)
    assert plan("Land softly").sub_tasks[0].reuse is None


def test_the_newest_verified_version_is_reused(plan, store):
    for run_id, status in [("a", "verified"), ("b", "verified"), ("c", "failed")]:
        store(run_id=run_id, status=status)
    assert plan("Land softly").sub_tasks[0].reuse == "the-skill@2"


@pytest.mark.parametrize("text", ["Land softly, please", "Land", "Softly land"])
def test_a_skill_of_another_sentence_is_not_reused(plan, store, text):
    store()
    assert plan(text).sub_tasks[0].reuse is None


def test_a_skill_of_another_world_or_task_is_not_reused(plan, store):
    store(env_id="box2d/LunarLanderContinuous-v3", run_id="a")
    store(task="hover", run_id="b")
    assert plan("Land softly").sub_tasks[0].reuse is None


def test_nothing_is_reused_if_the_person_does_not_want_it(plan, store):
    store()
    assert plan("Land softly", reuse=False).sub_tasks[0].reuse is None
