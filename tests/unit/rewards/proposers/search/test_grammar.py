"""Whatever is drawn is a program of the allowed language over the names of its card."""

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillwright.envs import find_card, list_cards
from skillwright.rewards.proposers.search.genome import Genome, Term
from skillwright.rewards.proposers.search.grammar import Grammar
from skillwright.rewards.proposers.view import show
from skillwright.sandbox import check_program

CARDS = {card.id: card for card in [*list_cards(), find_card("MountainCar-v0")]}
seeds = st.integers(0, 2**32 - 1)


def names_read(term: Term) -> set[tuple[str, str]]:
    """Returns what a term reads: (state or action, name)."""
    nodes = ast.walk(ast.parse(term.expression))
    read = [(node.value, node.attr) for node in nodes if isinstance(node, ast.Attribute)]
    return {(value.id, name) for value, name in read if isinstance(value, ast.Name) and value.id != "np"}


def assert_is_of(card, terms):
    check_program(Genome.of(terms).program("A test.").source, "reward")
    fields, actions = set(card.fields), set(card.actions.components)
    for term in terms:
        for owner, name in names_read(term):
            assert owner in "san"
            assert name in (actions if owner == "a" else fields | ({"terminated"} if owner == "n" else set()))
        assert names_read(term), "a term that reads nothing is a constant"
        assert np.isfinite(term.weight) and term.weight > 0
        assert term.name.isidentifier()


@pytest.mark.parametrize("card_id", CARDS)
@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_every_program_is_allowed_and_names_only_what_the_card_has(card_id, seed):
    card = CARDS[card_id]
    terms = Grammar(card).draw_program(np.random.default_rng(seed))
    assert terms
    assert_is_of(card, terms)


@pytest.mark.parametrize("card_id", CARDS)
@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_every_single_term_is_allowed_and_names_only_what_the_card_has(card_id, seed):
    card = CARDS[card_id]
    assert_is_of(card, [Grammar(card).draw_term(np.random.default_rng(seed))])


@pytest.mark.parametrize("card_id", CARDS)
def test_the_same_chance_draws_the_same_program(card_id):
    first, second = (Grammar(CARDS[card_id]).draw_program(np.random.default_rng(9)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("card_id", CARDS)
def test_the_judges_of_the_card_do_not_matter(card_id):
    """The same terms are drawn from a card whose programs and references are blanked out."""
    card = CARDS[card_id]
    blank = show(card, "", []).card
    for seed in range(20):
        drawn, expected = (Grammar(one).draw_program(np.random.default_rng(seed)) for one in (blank, card))
        assert drawn == expected


@pytest.mark.parametrize("card_id", CARDS)
def test_in_time_every_field_and_every_component_is_used(card_id):
    card, random = CARDS[card_id], np.random.default_rng(0)
    grammar = Grammar(card)
    drawn = [term for _ in range(400) for term in [*grammar.draw_program(random), grammar.draw_term(random)]]
    used = {name for term in drawn for _, name in names_read(term)}
    scalars = {name for name, field in card.fields.items() if field.is_scalar}
    assert used >= scalars | set(card.actions.components)


def test_names_of_terms_say_apart_what_differs():
    """A genome keeps one term of each name, so a name may stand for one expression only, save for the ending's."""
    grammar, random = Grammar(CARDS["box2d/LunarLander-v3"]), np.random.default_rng(0)
    expressions: dict[str, set[str]] = {}
    for _ in range(500):
        for term in grammar.draw_program(random):
            expressions.setdefault(term.name, set()).add(term.expression)
    assert [name for name, found in expressions.items() if len(found) > 1] == ["arrival"]


@pytest.mark.parametrize("seed", range(12))
def test_a_world_whose_only_field_has_many_dimensions_still_gets_terms(seed):
    """Such is the generated card of any world with a long observation."""
    card = CARDS["classic_control/CartPole-v1"]
    vector = card.fields["x"].model_copy(update={"index": (0, 4), "role": "other"})
    wide = card.model_copy(update={"fields": {"obs": vector}})
    random = np.random.default_rng(seed)
    terms = Grammar(wide).draw_program(random)
    assert terms
    assert_is_of(wide, [*terms, Grammar(wide).draw_term(random)])
