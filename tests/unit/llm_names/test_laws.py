"""Laws of names and of the bandit, over generated input."""

from hypothesis import assume, given
from hypothesis import strategies as st

from skillwright.core.errors import UserError
from skillwright.llm.bandit import Arm, Bandit, Outcome
from skillwright.llm.spec import ModelSpec, parse_spec

NAMES = ("a", "b", "c")
costs = st.none() | st.floats(0, 1e6, allow_nan=False)
outcomes = st.lists(
    st.builds(Outcome, model=st.sampled_from((*NAMES, "gone")), cost_usd=costs, won=st.booleans()), max_size=40
)
bandits = st.builds(
    lambda prices, seed: Bandit(
        arms=tuple(Arm(model=name, expected_usd=price) for name, price in zip(NAMES, prices, strict=True)), seed=seed
    ),
    st.tuples(costs, costs, costs),
    st.integers(0, 2**31 - 1),
)


@given(st.text(max_size=60) | st.from_regex(r"(vllm|ollama|openai|none|replay):?[a-z/:@.\[\]?#]{0,40}", fullmatch=True))
def test_any_text_is_a_name_that_is_written_back_the_same_or_a_clear_mistake(text):
    try:
        spec = parse_spec(text)
    except UserError as error:
        assert str(error)
        return
    assert parse_spec(str(spec)) == spec


@given(st.text("abcxyz@/.-_0123", min_size=1), st.integers(1, 65535))
def test_the_name_of_a_served_model_may_be_anything(model, port):
    assume("@http" not in model)
    assert parse_spec(f"vllm:{model}@http://h:{port}/v1") == ModelSpec("vllm", model, f"http://h:{port}/v1")


@given(bandits, outcomes, st.integers(0, 10**6))
def test_a_bandit_always_chooses_one_of_its_models_and_always_the_same(bandit, known, turn):
    chosen = bandit.choose(known, turn=turn)
    assert chosen in NAMES
    assert bandit.choose([one.model_copy() for one in known], turn=turn) == chosen


@given(bandits, outcomes)
def test_no_model_is_taken_to_be_cheaper_than_it_is_known_to_be(bandit, known):
    standings = bandit.standings(known)
    dearest = max((one.cost_usd for one in standings if one.is_cost_known), default=0.0)
    assert all(one.cost_usd == dearest for one in standings if not one.is_cost_known)
    assert all(0 <= one.num_wins <= one.num_proposals for one in standings)
