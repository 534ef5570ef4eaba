import pytest

from skillwright.llm.bandit import Arm, Bandit, Outcome


def bandit(*models, seed=0, **costs):
    return Bandit(arms=tuple(Arm(model=model, expected_usd=costs.get(model)) for model in models), seed=seed)


def outcomes(model, wins, losses, cost=None):
    made = [Outcome(model=model, cost_usd=cost, won=True)] * wins
    return made + [Outcome(model=model, cost_usd=cost, won=False)] * losses


def shares(chooser, known, num_turns=400):
    chosen = [chooser.choose(known, turn=turn) for turn in range(num_turns)]
    return {arm.model: chosen.count(arm.model) / num_turns for arm in chooser.arms}


def play(chooser, rates, costs, num_turns=300):
    """Plays against models that win at fixed rates; wins are spread evenly, so that only the bandit draws."""
    known, asked = [], dict.fromkeys(rates, 0)
    for turn in range(num_turns):
        model = chooser.choose(known, turn=turn)
        asked[model] += 1
        won = int(asked[model] * rates[model]) > int((asked[model] - 1) * rates[model])
        known.append(Outcome(model=model, cost_usd=costs[model], won=won))
    return {model: count / num_turns for model, count in asked.items()}


def test_models_nothing_is_known_of_are_asked_alike():
    assert shares(bandit("a", "b"), []) == pytest.approx({"a": 0.5, "b": 0.5}, abs=0.08)


@pytest.mark.parametrize("seed", range(5))
def test_a_clearly_better_model_of_the_same_price_gets_most_of_the_work(seed):
    asked = play(bandit("good", "bad", seed=seed), {"good": 0.6, "bad": 0.1}, {"good": 0.001, "bad": 0.001})
    assert asked["good"] > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_a_dear_model_that_wins_only_a_little_more_is_left_aside(seed):
    asked = play(bandit("dear", "cheap", seed=seed), {"dear": 0.5, "cheap": 0.4}, {"dear": 0.10, "cheap": 0.001})
    assert asked["dear"] < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_a_dear_model_is_asked_where_it_pays(seed):
    asked = play(bandit("dear", "cheap", seed=seed), {"dear": 0.6, "cheap": 0.05}, {"dear": 0.02, "cheap": 0.001})
    assert asked["dear"] > 0.7


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_costs_nothing_and_never_wins_is_not_asked_for_ever(seed):
    asked = play(bandit("free", "paid", seed=seed), {"free": 0.0, "paid": 0.5}, {"free": 0.0, "paid": 0.005})
    assert asked["free"] < 0.15


def test_a_price_that_is_not_known_counts_as_the_dearest():
    known = outcomes("dear", 5, 5, cost=0.2) + outcomes("unknown", 5, 5)
    by_model = {one.model: one for one in bandit("dear", "unknown", "cheap", cheap=0.01).standings(known)}
    assert (by_model["unknown"].cost_usd, by_model["unknown"].is_cost_known) == (pytest.approx(0.2), False)
    assert (by_model["cheap"].cost_usd, by_model["cheap"].is_cost_known) == (0.01, True)


def test_where_no_price_is_known_only_wins_count():
    assert shares(bandit("good", "bad"), outcomes("good", 20, 5) + outcomes("bad", 5, 20))["good"] > 0.99


def test_what_was_paid_counts_more_than_the_list_of_prices_the_more_was_paid():
    known = outcomes("a", 0, 9, cost=0.2)
    assert bandit("a", a=0.1).standings(known)[0].cost_usd == pytest.approx(0.19)


def test_the_same_seed_and_outcomes_choose_the_same():
    known = outcomes("a", 2, 3, cost=0.1) + outcomes("b", 1, 4, cost=0.1)
    first, second = ([bandit("a", "b", seed=3).choose(known, turn=turn) for turn in range(50)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2


def test_another_seed_chooses_otherwise():
    first, second = ([bandit("a", "b", seed=seed).choose([], turn=turn) for turn in range(50)] for seed in (1, 2))
    assert first != second


def test_the_order_of_the_outcomes_is_the_same_to_it():
    known = outcomes("a", 2, 3, cost=0.25) + outcomes("b", 1, 4, cost=0.5)
    chooser = bandit("a", "b")
    assert [chooser.choose(known, turn=turn) for turn in range(50)] == [
        chooser.choose(known[::-1], turn=turn) for turn in range(50)
    ]


def test_outcomes_survive_the_journal_and_choose_the_same():
    known = outcomes("a", 2, 3, cost=0.1) + outcomes("b", 1, 4)
    read = [Outcome.model_validate_json(one.model_dump_json()) for one in known]
    assert bandit("a", "b").standings(read) == bandit("a", "b").standings(known)


def test_outcomes_of_a_model_that_is_not_asked_any_more_are_passed_over():
    assert bandit("a").standings(outcomes("gone", 9, 0))[0].num_proposals == 0
