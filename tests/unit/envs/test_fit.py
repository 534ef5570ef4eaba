import pytest

from skillwright.core import ConfigError
from skillwright.envs import find_card, make_vector_env

BACKENDS = ["envpool", "gymnasium"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_card_with_another_observation_size_than_its_world_is_refused(backend):
    card = find_card("CartPole-v1").model_copy(update={"observation_size": 5})
    with pytest.raises(ConfigError, match="observation_size is 5, but the world's observation has 4 values"):
        make_vector_env(card, [0], backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("other", ["Acrobot-v1", "Pendulum-v1"])
def test_a_card_with_other_actions_than_its_world_is_refused(backend, other):
    card = find_card("CartPole-v1").model_copy(update={"actions": find_card(other).actions})
    with pytest.raises(ConfigError, match="but the world has 2 discrete ones"):
        make_vector_env(card, [0], backend=backend)


def test_a_world_that_only_envpool_has_is_not_made_by_gymnasium():
    with pytest.raises(ConfigError, match=r"Gymnasium does not have fetch/FetchReach-v4; use the backend 'envpool'"):
        make_vector_env(find_card("FetchReach-v4"), [0], backend="gymnasium")
