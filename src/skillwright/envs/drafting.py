"""Drafts a card for a world that has none, from all that can be found out about it without a person or a model."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec
from skillwright.envs.drafting_docs import Entry, WorldPage, read_page
from skillwright.envs.drafting_mujoco import motor_names, named_by_joints
from skillwright.envs.drafting_names import Named, named_by_words, sentence, unique
from skillwright.envs.drafting_ranges import Met, measure_ranges
from skillwright.envs.generation import generate_card, make_world

if TYPE_CHECKING:
    import gymnasium
    from gymnasium.envs.registration import EnvSpec

    _World = gymnasium.Env[object, object]

__all__ = ["draft_card"]

_OWN_FOLDER: Final = "gymnasium"
"""Worlds of Gymnasium itself are sorted by the package below its ``envs``."""


def draft_card(gymnasium_id: str) -> EnvCard:
    """Drafts a card: names and meanings from the world's docstring and its MuJoCo model, ranges from random play.

    Args:
        gymnasium_id: an id registered with Gymnasium.

    Returns:
        A card that can be used as it is, and that a person, or a model, makes better. Its one task asks for the
        world's own reward. Worlds are stepped by Gymnasium.

    Raises:
        ConfigError: the world cannot be made here, or policies cannot be trained on its kind of spaces.
        MissingExtra: Gymnasium, or what the world needs, is not installed.
        NotFound: Gymnasium has no such id.
    """
    bare = generate_card(gymnasium_id)
    env = make_world(gymnasium_id)
    try:
        assert env.spec is not None
        page = read_page(type(env.unwrapped))
        return EnvCard(
            id=f"{_family(env.spec)}/{env.spec.id.rpartition('/')[2]}",
            description=page.description or bare.description,
            gymnasium_id=bare.gymnasium_id,
            horizon=bare.horizon,
            observation_size=bare.observation_size,
            observation_keys=bare.observation_keys,
            fields=_fields(bare, _known(bare, page, env), _within_bounds(bare, measure_ranges(bare, env))),
            actions=_actions(bare.actions, page.action, motor_names(env)),
            tasks=bare.tasks,
        )
    finally:
        env.close()


def _family(spec: "EnvSpec") -> str:
    """Names the folder: the namespace of the id, else the package that the world comes from."""
    if spec.namespace:
        return spec.namespace
    entry = spec.entry_point if isinstance(spec.entry_point, str) else getattr(spec.entry_point, "__module__", "")
    packages = entry.partition(":")[0].split(".")
    return packages[2] if packages[:2] == [_OWN_FOLDER, "envs"] and len(packages) > 2 else packages[0] or _OWN_FOLDER


def _known(bare: EnvCard, page: WorldPage, env: "_World") -> dict[int, Named]:
    """Puts together what is known of single values: the model names them, the docstring explains them."""
    if bare.observation_keys is not None or max(page.observation, default=0) >= bare.observation_size:
        return {}
    by_words = {place: named_by_words(entry) for place, entry in page.observation.items()}
    by_joints = {
        place: named._replace(meaning=f"{named.meaning} {by_words[place].meaning}") if place in by_words else named
        for place, named in named_by_joints(env).items()
    }
    return {**by_words, **by_joints}


def _within_bounds(bare: EnvCard, met: Met) -> Met:
    """Cuts off what lies outside the observation space."""
    low, high = met.low.copy(), met.high.copy()
    for field in bare.fields.values():
        part = slice(field.start, field.stop)
        np.maximum(low[part], field.range[0], out=low[part])
        np.minimum(high[part], field.range[1], out=high[part])
    return met._replace(low=low, high=high)


class _Place(NamedTuple):
    """A field before it has its final name."""

    where: int | tuple[int, int]
    named: Named


def _fields(bare: EnvCard, known: Mapping[int, Named], met: Met) -> dict[str, FieldSpec]:
    places = list(_places(bare, known))
    names = list(unique(place.named.name for place in places))
    fields = {name: _field(place, met) for name, place in zip(names, places, strict=True)}
    return fields | _angles(dict(zip(names, places, strict=True)), taken=fields)


def _places(bare: EnvCard, known: Mapping[int, Named]) -> Iterator[_Place]:
    """Walks through the observation: single values that are known, and what lies between them as it was."""
    if not known:
        for name, field in bare.fields.items():
            assert field.index is not None
            yield _Place(field.index, Named(name, field.unit, field.role, field.meaning))
        return
    unknown: list[int] = []
    for place in range(bare.observation_size):
        if place in known:
            yield from _unknown(unknown)
            unknown = []
            yield _Place(place, known[place])
        else:
            unknown.append(place)
    yield from _unknown(unknown)


def _unknown(places: list[int]) -> Iterator[_Place]:
    if len(places) == 1:
        yield _Place(places[0], Named(f"obs_{places[0]}", "1", "other", f"Value {places[0]} of the observation."))
    elif places:
        first, last = places[0], places[-1]
        meaning = f"Values {first} to {last} of the observation."
        yield _Place((first, last + 1), Named(f"obs_{first}_to_{last}", "1", "other", meaning))


def _field(place: _Place, met: Met) -> FieldSpec:
    part = slice(*place.where) if isinstance(place.where, tuple) else slice(place.where, place.where + 1)
    low, high = float(met.low[part].min()), float(met.high[part].max())
    named = place.named
    bounds = (-1.0, 1.0) if named.wave or named.name.startswith("orientation_") else (_short(low), _short(high))
    return FieldSpec(index=place.where, unit=named.unit, range=bounds, role=named.role, meaning=named.meaning)


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def _angles(places: Mapping[str, _Place], *, taken: Mapping[str, FieldSpec]) -> dict[str, FieldSpec]:
    """Adds the angle wherever both its sine and its cosine are observed."""
    waves = {place.named.wave: name for name, place in places.items() if place.named.wave}
    return {
        angle: FieldSpec(
            angle_of=(waves["sin", angle], name),
            unit="rad",
            range=(-3.1416, 3.1416),
            role="angle",
            meaning=f"The angle whose sine and cosine are {waves['sin', angle]} and {name}.",
        )
        for (function, angle), name in waves.items()
        if function == "cos" and ("sin", angle) in waves and angle not in taken
    }


def _actions(bare: ActionSpec, entries: Mapping[int, Entry], motors: Mapping[int, str]) -> ActionSpec:
    """Names the parts of the action: after motors, else after what the docstring says."""
    numbered = list(bare.components.items())
    if max(entries, default=0) >= bare.size:
        entries = {}
    if max(motors, default=0) >= bare.size:
        motors = {}
    said = {place: named_by_words(entry) for place, entry in entries.items()}
    names = (motors.get(k) or (said[k].name if k in said else name) for k, (name, _) in enumerate(numbered))
    parts = (_component(part, entries.get(k), bare.kind) for k, (_, part) in enumerate(numbered))
    return ActionSpec(kind=bare.kind, components=dict(zip(unique(names), parts, strict=True)))


def _component(bare: ActionComponent, entry: Entry | None, kind: str) -> ActionComponent:
    if entry is None:
        return bare
    unit = entry.unit if kind == "continuous" and entry.unit else bare.unit
    return bare.model_copy(update={"meaning": sentence(entry.text), "unit": unit})
