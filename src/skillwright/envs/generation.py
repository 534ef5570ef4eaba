"""Making a card for a world that has none, from what Gymnasium says about it."""

from typing import TYPE_CHECKING, Final

import numpy as np

from skillwright.core.errors import ConfigError, MissingExtra, NotFound
from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, TaskSpec
from skillwright.envs.extras import missing_extra

if TYPE_CHECKING:
    import gymnasium
    from gymnasium.envs.registration import EnvSpec
    from gymnasium.spaces import Box, Space

__all__ = ["FAMILY", "generate_card", "registered_ids"]

FAMILY: Final = "gymnasium"
"""First part of the id of every generated card."""

_DEFAULT_HORIZON: Final = 1000
_MAX_NAMED_VALUES: Final = 64
"""Longest observation that gets a name for each value; a longer one is one field."""
_UNBOUNDED: Final = 1e30
"""A bound beyond this is the largest float in disguise, and means that there is none."""

_FITNESS: Final = '''\
def fitness(s, a, n):
    """Sums the environment's own reward."""
    return float(np.sum(n.env_reward))
'''
_SUCCESS: Final = '''\
def success(s, a, n):
    """Reaches the return at which Gymnasium counts the environment as solved."""
    return bool(np.sum(n.env_reward) >= {threshold!r})
'''


def registered_ids() -> frozenset[str]:
    """Returns the ids of all worlds registered with Gymnasium.

    Raises:
        MissingExtra: Gymnasium is not installed.
    """
    try:
        import gymnasium
    except ImportError as error:
        raise MissingExtra("gymnasium", "learn") from error
    return frozenset(gymnasium.registry)


def generate_card(gymnasium_id: str) -> EnvCard:
    """Makes a card that names what Gymnasium numbers; it knows no meanings, and asks for the return.

    Worlds of generated cards are stepped by Gymnasium: whether EnvPool's namesake agrees is not known.

    Args:
        gymnasium_id: an id registered with Gymnasium.

    Raises:
        ConfigError: the world cannot be made here, or policies cannot be trained on its kind of spaces.
        MissingExtra: Gymnasium is not installed.
        NotFound: Gymnasium has no such id.
    """
    known = registered_ids()
    if gymnasium_id not in known:
        raise NotFound("Gymnasium environment", gymnasium_id, known)
    env = _make(gymnasium_id)
    try:
        observations = _box(gymnasium_id, env.observation_space)
        actions = _actions(gymnasium_id, env.action_space)
        assert env.spec is not None
        return _card(env.spec, observations, actions)
    finally:
        env.close()


def _make(gymnasium_id: str) -> "gymnasium.Env[object, object]":
    import gymnasium

    try:
        return gymnasium.make(gymnasium_id, disable_env_checker=True)
    except (gymnasium.error.Error, ImportError) as error:
        if "mujoco" in str(error).lower():
            raise missing_extra(gymnasium_id, error) from error
        raise ConfigError(f"Gymnasium cannot make {gymnasium_id!r} here: {error}") from error


def _card(spec: "EnvSpec", observations: "Box", actions: ActionSpec) -> EnvCard:
    size = int(np.prod(observations.shape))
    horizon = spec.max_episode_steps or _DEFAULT_HORIZON
    return EnvCard(
        id=f"{FAMILY}/{spec.id}",
        description=(
            f"{spec.id}, as Gymnasium makes it. Nobody has described this world in words: the observation is "
            f"{size} numbers of unknown meaning, the action is {actions.kind} with {actions.size} parts, "
            f"and an episode ends when the world says so, or after {horizon} steps."
        ),
        gymnasium_id=spec.id,
        horizon=horizon,
        observation_size=size,
        fields=_fields(observations, size),
        actions=actions,
        tasks={"maximise_return": _task(spec)},
    )


def _task(spec: "EnvSpec") -> TaskSpec:
    threshold = spec.reward_threshold
    return TaskSpec(
        text=f"Collect as much as possible of the reward that {spec.id} itself gives.",
        success=None if threshold is None else _SUCCESS.format(threshold=float(threshold)),
        fitness=_FITNESS,
    )


def _fields(space: "Box", size: int) -> dict[str, FieldSpec]:
    low, high = (np.ravel(bound).astype(np.float64) for bound in (space.low, space.high))
    if size > _MAX_NAMED_VALUES:
        return {"obs": _field((0, size), (low.min(), high.max()), f"All {size} values of the observation, flattened.")}
    return {
        f"obs_{index}": _field(index, (low[index], high[index]), f"Value {index} of the observation, as it comes.")
        for index in range(size)
    }


def _field(index: int | tuple[int, int], bounds: tuple[float, float], meaning: str) -> FieldSpec:
    low = float(bounds[0]) if bounds[0] > -_UNBOUNDED else -np.inf
    high = float(bounds[1]) if bounds[1] < _UNBOUNDED else np.inf
    if low >= high:
        low, high = -np.inf, np.inf
    return FieldSpec(index=index, unit="1", range=(low, high), role="other", meaning=meaning)


def _box(gymnasium_id: str, space: "Space[object]") -> "Box":
    from gymnasium.spaces import Box

    if isinstance(space, Box) and space.shape and np.prod(space.shape) > 0:
        return space
    raise ConfigError(
        f"{gymnasium_id} gives observations of the kind {space}; only arrays of numbers (Box) can be used. "
        "Register a version with a FlattenObservation wrapper to use it"
    )


def _actions(gymnasium_id: str, space: "Space[object]") -> ActionSpec:
    from gymnasium.spaces import Box, Discrete

    if isinstance(space, Discrete) and space.start == 0:
        choices = {f"action_{k}": ActionComponent(meaning=f"Choice {k}.") for k in range(int(space.n))}
        return ActionSpec(kind="discrete", components=choices)
    if isinstance(space, Box) and len(space.shape) == 1 and space.is_bounded():
        return ActionSpec(kind="continuous", components=_dimensions(space))
    raise ConfigError(
        f"{gymnasium_id} takes actions of the kind {space}; only one choice counted from 0 (Discrete) or one "
        "row of bounded numbers (Box) can be used. Register a wrapped version to use it"
    )


def _dimensions(space: "Box") -> dict[str, ActionComponent]:
    return {
        f"action_{k}": ActionComponent(range=(float(low), float(high)), meaning=f"Dimension {k} of the action.")
        for k, (low, high) in enumerate(zip(space.low, space.high, strict=True))
    }
