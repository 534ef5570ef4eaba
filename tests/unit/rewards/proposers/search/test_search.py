"""The search reads cards and fitness numbers, and whatever it writes can be trained with."""

import numpy as np
import pytest

from skillwright.envs import EnvCard, find_card, list_cards
from skillwright.rewards.proposers.search.genome import Genome
from skillwright.rewards.proposers.search.search import SearchProposer
from skillwright.rewards.proposers.view import ProposerView, ranked, show
from skillwright.rewards.records import Candidate, Generation, Judgement, Screening, Trained
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.sources import ProgramReward

CARDS = list({card.id.partition("/")[0]: card.id for card in list_cards()}.values())
"""One of every family."""


def judgement(fitness: float) -> Judgement:
    return Judgement(
        num_episodes=2, success_rate=0.0, success_interval=(0, 1), fitness=fitness, fitness_interval=(0, 1),
        env_return=0.0, episode_length=1.0,
    )  # fmt: skip


def generation(index: int, proposals, fitness) -> Generation:
    candidates = [
        Candidate(id=f"g{index}-c{i:02d}", generation=index, **dict(proposal)) for i, proposal in enumerate(proposals)
    ]
    trained = [
        Trained(candidate_id=one.id, seed=0, timesteps=1, policy="p", curve=[], judgement=judgement(value))
        for one, value in zip(candidates, fitness, strict=True)
    ]
    screenings = [Screening(candidate_id=one.id, accepted=True) for one in candidates]
    return Generation(index=index, candidates=candidates, screenings=screenings, trained=trained)


def propose(card: EnvCard, history=(), num: int = 20, seed: int = 0):
    return SearchProposer().propose(ProposerView(card=card, task_text="", history=history), num, seed=seed)


@pytest.mark.parametrize("card_id", [*CARDS, "MountainCar-v0"])
def test_every_proposal_is_a_finite_reward_on_random_transitions(card_id):
    card = find_card(card_id)
    transitions = record_random_transitions(card, seed=0)
    first = propose(card, num=40)
    second = propose(card, [generation(0, first, np.arange(40.0))], num=40)
    for proposal in [*first, *second]:
        scored = ProgramReward(card, proposal.program).score(transitions)
        assert np.isfinite(scored.reward).all()
        assert scored.terms


def test_the_same_seed_proposes_the_same():
    card = find_card("CartPole-v1")
    assert propose(card, seed=1) == propose(card, seed=1) != propose(card, seed=2)


def test_the_first_generation_is_fresh_and_later_ones_descend_from_the_best():
    card = find_card("LunarLander-v3")
    first = propose(card, num=20)
    assert {proposal.operator for proposal in first} == {"fresh"}
    history = [generation(0, first, np.arange(20.0))]
    second = propose(card, history, num=60)
    parents = {parent for proposal in second for parent in proposal.parents}
    assert {proposal.operator for proposal in second} == {"fresh", "mutate", "crossover", "reweigh"}
    assert parents <= {f"g0-c{i:02d}" for i in range(15, 20)}


def test_operators_keep_to_what_they_say():
    card = find_card("LunarLander-v3")
    history = [generation(0, propose(card, num=8), np.arange(8.0))]
    genomes = {one.id: Genome.parse(one.program) for one in history[0].candidates}
    for proposal in propose(card, history, num=80):
        terms = {term.name: term for term in Genome.parse(proposal.program).terms}
        pool = {term.name for parent in proposal.parents for term in genomes[parent].terms}
        if proposal.operator == "reweigh":
            assert set(terms) == pool
        if proposal.operator == "crossover":
            assert set(terms) <= pool


def test_a_proposer_never_sees_the_judges_or_the_reference():
    card = find_card("LunarLander-v3")
    shown = show(card, "Land", [])
    text = shown.card.model_dump_json()
    assert "def success" not in text and "def fitness" not in text and ".py" not in text
    assert card.tasks["land"].success and card.tasks["land"].reference


def test_ranking_is_over_all_generations_best_first():
    card = find_card("CartPole-v1")
    first, second = generation(0, propose(card, num=2), [0.5, 0.1]), generation(1, propose(card, num=2), [0.3, 0.9])
    assert [item.candidate.id for item in ranked([first, second])] == ["g1-c01", "g0-c00", "g1-c00", "g0-c01"]
