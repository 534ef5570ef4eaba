"""What each operator asks for, or makes."""

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.prompts import render_prompt
from skillwright.rewards.operators import OPERATORS
from skillwright.rewards.operators.reweigh import Reweigh
from skillwright.rewards.proposers import ProposerView, Refusal

from ..generations import candidate, generation

CARD = find_card("CartPole-v1")
TERMS = "def reward(s, a, n):\n    return {'up': n.x, 'still': n.vx}\n"
FIRST = generation(*[(candidate(f"g0-c{i:02d}", source=TERMS.replace("n.x", f"{i} * n.x")), i / 8) for i in range(8)])
NOTHING_YET = ProposerView(card=CARD, task_text="Balance.")
LATER = ProposerView(card=CARD, task_text="Balance.", history=[FIRST])
REFUSED = LATER.with_refused(
    [Refusal(candidate("g1-c00", source="def reward(s, a, n): broken"), "line 1: it is broken")]
)


def apply(name, view, seed=0):
    return OPERATORS.resolve(name)().apply(view, np.random.default_rng(seed))


def prompt(brief):
    return render_prompt(brief.template, **brief.variables, world="THE WORLD", task="THE TASK").text


def possible(view):
    return {name for name in OPERATORS.names() if OPERATORS.resolve(name)().odds(view) > 0.0}


def test_in_the_beginning_everything_is_fresh():
    assert possible(NOTHING_YET) == {"fresh"}


def test_later_everything_but_repair_is_possible():
    assert possible(LATER) == {"fresh", "mutate", "crossover", "rewrite", "reweigh"}


def test_one_parent_cannot_be_crossed():
    alone = generation((candidate("g0-c00", source=TERMS), 0.5))
    assert "crossover" not in possible(ProposerView(card=CARD, task_text="", history=[alone]))


def test_a_refusal_is_repaired_before_anything_else():
    odds = {name: OPERATORS.resolve(name)().odds(REFUSED) for name in OPERATORS.names()}
    assert odds["repair"] > 1e6 * sum(value for name, value in odds.items() if name != "repair")


@pytest.mark.parametrize("name", ["fresh", "mutate", "crossover", "rewrite"])
def test_every_prompt_shows_world_task_and_contract(name):
    text = prompt(apply(name, LATER))
    assert "THE WORLD" in text and "THE TASK" in text and "def reward(s, a, n):" in text


def test_a_repair_shows_the_program_and_the_whole_reason():
    brief = apply("repair", REFUSED)
    assert brief.parents == ("g1-c00",)
    assert "broken" in prompt(brief) and "line 1: it is broken" in prompt(brief)


def test_a_rewrite_shows_a_good_parent_with_its_course_and_what_the_generation_taught():
    brief = apply("rewrite", LATER)
    assert brief.parents[0] in {f"g0-c{i:02d}" for i in (5, 6, 7)}
    assert "What it taught." in prompt(brief) and "| up |" in prompt(brief)


def test_without_reflection_a_rewrite_shows_the_fitness_alone():
    text = prompt(apply("rewrite", ProposerView(card=CARD, task_text="", history=[FIRST], has_reflection=False)))
    assert "What it taught." not in text and "| up |" not in text and "fitness" in text


def test_better_parents_are_picked_more_often():
    picks = [apply("mutate", LATER, seed).parents[0] for seed in range(200)]
    assert picks.count("g0-c07") > picks.count("g0-c06") > picks.count("g0-c05") > 0


def test_a_crossover_has_two_different_parents():
    for seed in range(30):
        first, second = apply("crossover", LATER, seed).parents
        assert first != second


def test_without_elitism_parents_come_from_the_newest_generation():
    second = generation((candidate("g1-c00", source=TERMS), 0.01))
    view = ProposerView(card=CARD, task_text="", history=[FIRST, second], has_elites=False)
    assert apply("mutate", view).parents == ("g1-c00",)


def test_a_fresh_one_is_told_what_has_been_tried():
    assert "The idea of g0-c07." in prompt(apply("fresh", LATER))
    assert "What has been tried" not in prompt(apply("fresh", NOTHING_YET))


def test_new_weights_keep_the_source_and_stay_near_the_parents():
    made = Reweigh().apply(LATER, np.random.default_rng(0))
    parent = next(one for one in FIRST.candidates if (one.id,) == made.parents)
    assert made.program.source == parent.program.source
    assert set(made.program.weights) == {"up", "still"}
    assert all(1 / 8.01 <= weight <= 8.01 for weight in made.program.weights.values())
    assert made == Reweigh().apply(LATER, np.random.default_rng(0))


def test_weights_go_where_they_have_paid_off():
    members = [
        (candidate(f"g0-c{i:02d}", source=TERMS, weights={"up": float(2.0 ** (i - 6)), "still": 1.0}), float(i))
        for i in range(12)
    ]
    view = ProposerView(card=CARD, task_text="", history=[generation(*members)])
    weights = [Reweigh().apply(view, np.random.default_rng(seed)).program.weights["up"] for seed in range(40)]
    assert np.median(weights) > 8.0
