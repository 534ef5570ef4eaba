"""What a generation taught, as the next proposer reads it."""

import hashlib

from skillwright.core.content import find_content
from skillwright.rewards.records import (
    Candidate,
    CurvePoint,
    Generation,
    Judgement,
    Program,
    Screening,
    Trained,
)
from skillwright.rewards.reflection import reflect


def judgement(fitness: float, success_rate: float | None = 0.25) -> Judgement:
    return Judgement(
        num_episodes=8, success_rate=success_rate, success_interval=None, fitness=fitness, fitness_interval=(0, 1),
        env_return=0.0, episode_length=123.4,
    )  # fmt: skip


def candidate(index: int, generation: int = 0, operator: str = "fresh") -> Candidate:
    name = f"g{generation}-c{index:02d}"
    return Candidate(id=name, generation=generation, operator=operator, program=Program(source=""))


def trained(one: Candidate, fitness: float, *curve: dict[str, float], success_rate: float | None = 0.25) -> Trained:
    points = [CurvePoint(timesteps=100 * (i + 1), reward=0.0, terms=terms) for i, terms in enumerate(curve)]
    return Trained(
        candidate_id=one.id, seed=0, timesteps=12_000, policy="p", curve=points,
        judgement=judgement(fitness, success_rate),
    )  # fmt: skip


def ended(one: Candidate, why: str) -> Trained:
    return Trained(candidate_id=one.id, seed=0, timesteps=9, policy=None, curve=[], judgement=None, failure=why)


def generation(
    results: list[Trained], candidates: list[Candidate], refused: dict[str, str] | None = None
) -> Generation:
    reasons = refused or {}
    screenings = [
        Screening(candidate_id=one.id, accepted=one.id not in reasons, reason=reasons.get(one.id, ""))
        for one in candidates
    ]
    return Generation(index=candidates[0].generation, candidates=candidates, screenings=screenings, trained=results)


def test_it_says_how_good_each_candidate_became():
    one, other = candidate(0), candidate(1, operator="mutate")
    text = reflect([generation([trained(one, 0.5), trained(other, 0.75, success_rate=None)], [one, other])]).text
    assert "g0-c00 (fresh): fitness 0.500, success 25%, episodes of 123 steps" in text
    assert "g0-c01 (mutate): fitness 0.750, episodes of 123 steps" in text


def test_it_says_why_candidates_were_refused_or_ended():
    one, other, third = (candidate(i) for i in range(3))
    results = [ended(one, "line 3: ZeroDivisionError: division by zero"), trained(third, 0.1)]
    text = reflect([generation(results, [one, other, third], {other.id: "it rewards the same as g0-c00"})]).text
    assert "g0-c00 (fresh): ended: line 3: ZeroDivisionError: division by zero" in text
    assert "g0-c01 (fresh): not trained: it rewards the same as g0-c00" in text


def test_it_counts_what_was_trained():
    one, other = candidate(0), candidate(1)
    text = reflect([generation([trained(one, 0.5)], [one, other], {other.id: "no"})]).text
    assert text.startswith("## Generation 0\n")
    assert "1 of 2 candidates were trained" in text and "12,000 env steps each." in text


def test_a_candidate_that_was_ended_is_not_counted_as_trained():
    one, other = candidate(0), candidate(1)
    text = reflect([generation([ended(one, "it blew up"), trained(other, 0.5)], [one, other])]).text
    assert "1 of 2 candidates were trained" in text and "12,000 env steps each." in text


def test_it_names_a_new_best():
    first, second = candidate(0), candidate(0, generation=1)
    history = [generation([trained(first, 0.2)], [first]), generation([trained(second, 0.3)], [second])]
    assert "Best so far: g1-c00 with fitness 0.300, new in this generation." in reflect(history).text


def test_it_remembers_a_best_of_an_earlier_generation():
    first, second = candidate(0), candidate(0, generation=1)
    history = [generation([trained(first, 0.4)], [first]), generation([trained(second, 0.3)], [second])]
    text = reflect(history).text
    assert "Best so far: g0-c00 with fitness 0.400, from an earlier generation." in text
    assert "### g0-c00" not in text


def test_it_follows_each_term_over_the_training():
    one = candidate(0)
    curve = [{"a": 1.0, "b": 0.0}, {"a": 2.0, "b": -0.5}, {"a": 3.0, "b": -1.0}]
    text = reflect([generation([trained(one, 0.5, *curve)], [one])]).text
    assert "| a | 1 | 2 | 3 | 75 % |" in text
    assert "| b | 0 | -0.5 | -1 | 25 % |" in text


def test_terms_that_pay_nothing_have_no_share():
    one = candidate(0)
    assert "| a | 0 | 0 | 0 | 0 % |" in reflect([generation([trained(one, 0.5, {"a": 0.0})], [one])]).text


def test_a_generation_of_which_nothing_was_trained_has_a_reflection():
    one = candidate(0)
    text = reflect([generation([], [one], {one.id: "no field 'height'"})]).text
    assert "0 of 1 candidates were trained" in text and "Best so far" not in text
    assert "no field 'height'" in text


def test_it_names_the_template_it_was_written_from():
    one = candidate(0)
    template = find_content("prompts", "reflection.md").read_bytes()
    assert reflect([generation([trained(one, 0.5)], [one])]).prompt == hashlib.sha256(template).hexdigest()
