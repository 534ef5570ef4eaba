"""Checks what lies in a pack, each kind of file by its own rules; nothing in it is run."""

import json
import math
from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from skillwright.core.errors import CorruptArtifact, ProgramRejected, UserError
from skillwright.envs import EnvCard, find_card
from skillwright.learners import Policy
from skillwright.sandbox import check_program
from skillwright.skills.packs.binding import read_calls
from skillwright.skills.packs.manifest import PackRefused
from skillwright.skills.skill import Skill

__all__ = ["check_program_text", "check_video", "checked_card", "checked_policy", "checked_program", "read_record"]

Record = TypeVar("Record", bound=BaseModel)

_LONGEST_HORIZON: Final = 1_000_000
_MOST_TENSORS: Final = 64
_LONGEST_HEADER: Final = 1 << 16
_PLAIN: Final = "\n\t"
_LINE_ENDS: Final = "\r"
_ARCHIVES: Final = {b"PK": "another archive", b"\x1f\x8b": "another archive", b"\x80": "a pickle"}


def read_record(schema: type[Record], data: bytes, what: str, *, finite: bool = False) -> Record:
    """Reads JSON of a known shape, without doubled keys, control characters or depths that exhaust the parser.

    Args:
        schema: the shape.
        data: the JSON.
        what: it is called in the reason.
        finite: whether every number must be.

    Raises:
        PackRefused: it is not of this shape.
    """
    try:
        text = data.decode()
        _check_values(json.loads(text, object_pairs_hook=_once), finite=finite)
        return schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise PackRefused(f"{what} is not what this Skillwright knows: {place}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise PackRefused(f"{what} cannot be read: {error}") from None


def checked_card(data: bytes, skill: Skill) -> EnvCard:
    """Reads the env card of a skill and checks it against the skill and this machine.

    Args:
        data: the card as JSON.
        skill: the skill it belongs to.

    Raises:
        PackRefused: the card is broken, another world's, or asks for what only a card of this machine may.
    """
    what = f"the card of {skill.name}"
    card = read_record(EnvCard, data, what)
    if card.id != skill.env_id or skill.task not in card.tasks:
        raise PackRefused(f"{what} is of another world, or lacks the task {skill.task!r}")
    if not 0 < card.horizon <= _LONGEST_HORIZON or not 0 < skill.step_limit <= _LONGEST_HORIZON:
        raise PackRefused(f"{what} or its step limit has episodes of more than {_LONGEST_HORIZON} steps")
    for name, task in card.tasks.items():
        for entry, source in (("success", task.success), ("fitness", task.fitness)):
            if source is not None:
                check_program_text(source, entry, f"{what}: tasks.{name}.{entry}")
    _check_world(card, what)
    return card


def checked_policy(data: bytes, card: EnvCard, name: str) -> Policy:
    """Reads a policy and checks that every tensor is there, of its shape, and finite.

    Args:
        data: the safetensors file.
        card: the world it acts in.
        name: of the skill.

    Raises:
        PackRefused: it is no such file, or it does not fit the world.
    """
    what = f"the policy of {name}"
    if kind := next((kind for magic, kind in _ARCHIVES.items() if _begins(data, magic)), None):
        raise PackRefused(f"{what} is {kind}, not safetensors")
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(_LONGEST_HEADER, len(data) - 8):
        raise PackRefused(f"{what} lies about the length of its header")
    try:
        header = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_once)
        if not isinstance(header, dict) or len(header) > _MOST_TENSORS:
            raise PackRefused(f"{what} has no header, or more than {_MOST_TENSORS} tensors")
        policy = Policy.from_bytes(data)
    except (CorruptArtifact, ValueError, RecursionError) as error:
        raise PackRefused(f"{what} cannot be read: {error}") from None
    if problem := _policy_problem(policy, card):
        raise PackRefused(f"{what} {problem}")
    return policy


def check_program_text(source: str, entry: str, what: str) -> None:
    """Holds a program to the allowed language.

    Args:
        source: the program.
        entry: the function it must define.
        what: it is called in the reason.

    Raises:
        PackRefused: the program is outside the language.
    """
    try:
        check_program(source, entry)
    except ProgramRejected as error:
        raise PackRefused(f"{what} is outside the allowed language: {error}") from None


def checked_program(data: bytes, name: str) -> str:
    """Reads the text of a skill that is a program, and holds it to the language of such programs.

    Args:
        data: the text in UTF-8.
        name: of the skill.

    Raises:
        PackRefused: it is no text, too long, outside the language, or does not say which skills it runs.
    """
    what = f"the program of {name}"
    try:
        source = data.decode()
        read_calls(source)
    except UnicodeDecodeError:
        raise PackRefused(f"{what} is no text") from None
    except ProgramRejected as error:
        raise PackRefused(f"{what} is outside the allowed language: {error}") from None
    if not _is_printable(source, _PLAIN + _LINE_ENDS):
        raise PackRefused(f"{what} has control characters")
    return source


def check_video(data: bytes, name: str) -> None:
    """Checks that a film begins as mp4 files do.

    Args:
        data: the file.
        name: of the skill.

    Raises:
        PackRefused: it does not.
    """
    if data[4:8] != b"ftyp":
        raise PackRefused(f"the video of {name} is no mp4")


def _begins(data: bytes, magic: bytes) -> bool:
    """Tells whether a file begins like another kind; a header of safetensors may by chance, but then it has braces."""
    return data.startswith(magic) and data[8:9] != b"{"


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _check_values(value: object, *, finite: bool) -> None:
    """Refuses texts that would do something to a terminal and, if asked to, numbers that no database holds as JSON."""
    todo = [value]
    while todo:
        match todo.pop():
            case str(text):
                if not _is_printable(text, _PLAIN):
                    raise ValueError("a text in it has control characters")
            case float(number) if finite and not math.isfinite(number):
                raise ValueError("a number in it is not finite")
            case dict(parts):
                todo += [*parts, *parts.values()]
            case list(parts):
                todo += parts


def _is_printable(text: str, others: str) -> bool:
    return all(character.isprintable() or character in others for character in text)


def _check_world(card: EnvCard, what: str) -> None:
    """Refuses a card that would have this machine import modules, or pass options on, that its own card does not."""
    if card.envpool_options or ":" in (card.gymnasium_id or ""):
        try:
            own = find_card(card.id)
        except UserError:
            own = None
        world = (card.gymnasium_id, card.envpool_id, card.envpool_options)
        if own is None or (own.gymnasium_id, own.envpool_id, own.envpool_options) != world:
            raise PackRefused(
                f"{what} has this machine import a module or pass options on that no card here does; "
                f"read it, and put it into envs/ yourself if you trust it"
            )


def _policy_problem(policy: Policy, card: EnvCard) -> str:
    spec, tensors = policy.spec, policy.tensors
    if (spec.env_id, spec.observation_size, spec.action_kind) != (card.id, card.observation_size, card.actions.kind):
        return "was made for another world than its card's"
    if not 1 <= spec.num_layers <= _MOST_TENSORS:
        return "has no layers, or too many"
    if any(tensor.dtype != np.float32 or not np.isfinite(tensor).all() for tensor in tensors.values()):
        return "has numbers that are not finite, or not of 32 bits"
    size, shapes = card.observation_size, {"mean": (card.observation_size,), "scale": (card.observation_size,)}
    if card.actions.kind == "continuous":
        shapes |= {"low": (card.actions.size,), "high": (card.actions.size,)}
    for layer in range(spec.num_layers):
        weight, bias = tensors.get(f"weight_{layer}"), tensors.get(f"bias_{layer}")
        if weight is None or bias is None or weight.ndim != 2 or weight.shape[0] != size:
            return f"lacks layer {layer}, or its layers do not fit each other"
        size = weight.shape[1]
        shapes[f"bias_{layer}"] = (size,)
    if size != card.actions.size:
        return "has another number of actions than its world"
    if wrong := [name for name, shape in shapes.items() if name not in tensors or tensors[name].shape != shape]:
        return f"lacks the tensor {wrong[0]!r}, or it has another shape"
    known = {*shapes, *(f"weight_{layer}" for layer in range(spec.num_layers))}
    known |= {"log_std", "log_std_weight", "log_std_bias", "log_temperature"}
    return f"has a tensor that no policy has: {min(set(tensors) - known)!r}" if set(tensors) - known else ""
