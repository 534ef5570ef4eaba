"""Making a card for a world that has none, from what Gymnasium says about it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from skillwright.core.errors import ConfigError, MissingExtra, NotFound
from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, TaskSpec
from skillwright.envs.drafting_names import as_name
from skillwright.envs.extras import missing_extra

if TYPE_CHECKING:
    import gymnasium
    from gymnasium.envs.registration import EnvSpec
    from gymnasium.spaces import Box, Space

__all__ = ["FAMILY", "generate_card", "make_world", "registered_ids"]

FAMILY: Final = "gymnasium"
"""First part of the id of every generated card."""

_DEFAULT_HORIZON: Final = 1000
_WHOLE: Final = "obs"
"""Name of an observation that has no parts."""
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
    env = make_world(gymnasium_id)
    try:
        parts = _parts(gymnasium_id, env.observation_space)
        actions = _actions(gymnasium_id, env.action_space)
        assert env.spec is not None
        return _card(env.spec, parts, actions)
    finally:
        env.close()


def make_world(gymnasium_id: str) -> "gymnasium.Env[object, object]":
    """Makes a world that is known to Gymnasium.

    Args:
        gymnasium_id: a registered id.

    Raises:
        ConfigError: Gymnasium cannot make it.
        MissingExtra: what it needs is not installed.
    """
    import gymnasium

    try:
        return gymnasium.make(gymnasium_id, disable_env_checker=True)
    except (gymnasium.error.Error, ImportError) as error:
        if "mujoco" in str(error).lower():
            raise missing_extra(gymnasium_id, error) from error
        raise ConfigError(f"Gymnasium cannot make {gymnasium_id!r} here: {error}") from error


def _card(spec: "EnvSpec", parts: "Mapping[str, Box]", actions: ActionSpec) -> EnvCard:
    size = sum(map(_size, parts.values()))
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
        observation_keys=None if set(parts) == {_WHOLE} else tuple(parts),
        fields=_fields(parts),
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


def _fields(parts: "Mapping[str, Box]") -> dict[str, FieldSpec]:
    fields: dict[str, FieldSpec] = {}
    start = 0
    for key, space in parts.items():
        fields |= _fields_of(key, space, start)
        start += _size(space)
    return fields


def _fields_of(key: str, space: "Box", start: int) -> dict[str, FieldSpec]:
    """Names the values of one part of the observation."""
    low, high = (np.ravel(bound).astype(np.float64) for bound in (space.low, space.high))
    size, whole = low.size, "the observation" if key == _WHOLE else f"the part {key} of the observation"
    name = as_name(key) or f"part_{start}"
    if size > _MAX_NAMED_VALUES:
        meaning = f"All {size} values of {whole}, flattened."
        return {name: _field((start, start + size), (low.min(), high.max()), meaning)}
    return {
        f"{name}_{k}": _field(start + k, (low[k], high[k]), f"Value {k} of {whole}, as it comes.") for k in range(size)
    }


def _size(space: "Box") -> int:
    return int(np.prod(space.shape))


def _field(index: int | tuple[int, int], bounds: tuple[float, float], meaning: str) -> FieldSpec:
    low = float(bounds[0]) if bounds[0] > -_UNBOUNDED else -np.inf
    high = float(bounds[1]) if bounds[1] < _UNBOUNDED else np.inf
    if low >= high:
        low, high = -np.inf, np.inf
    return FieldSpec(index=index, unit="1", range=(low, high), role="other", meaning=meaning)


def _parts(gymnasium_id: str, space: "Space[object]") -> "dict[str, Box]":
    """Lists the arrays that an observation is made of: one, or the parts of a dictionary."""
    from gymnasium.spaces import Box, Dict

    parts = dict(space.spaces) if isinstance(space, Dict) else {_WHOLE: space}
    arrays = {str(key): part for key, part in parts.items() if isinstance(part, Box) and part.shape and _size(part) > 0}
    if not parts or len(arrays) < len(parts):
        raise ConfigError(
            f"{gymnasium_id} gives observations of the kind {space}; only arrays of numbers (Box), or a dictionary of "
            "them, can be used. Register a version with a FlattenObservation wrapper to use it"
        )
    return arrays


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
