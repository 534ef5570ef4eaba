"""What the verbs of the Python API can be told; every default is that of ``RunRequest``."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, ParamSpec, TypedDict, TypeVar, get_type_hints

from pydantic import ValidationError

from skillwright.agents.person import Person
from skillwright.agents.run_types import RunRequest
from skillwright.core.errors import ConfigError
from skillwright.rewards.progress import Progress

__all__ = ["CallerOptions", "EvolveOptions", "ResumeOptions", "RunOptions", "request_with", "spelling_out"]

P = ParamSpec("P")
R = TypeVar("R")

_LARGEST_SEED: Final = 2**31 - 1
_FROM: Final = {"num_candidates": 1, "num_generations": 1, "total_timesteps": 1, "num_workers": 1, "num_held_out": 1}
_AT_LEAST: Final[Mapping[str, float]] = {
    **_FROM,
    "max_usd": 0.0,
    "max_tokens": 0,
    "preference_weight": 0.001,
    "keep_experience_mb": 1.0,
}
_DEVICE: Final = "auto"
"""A GPU if there is one."""


class CallerOptions(TypedDict, total=False):
    """Where skills are kept, and who hears about a run; nothing is printed by itself."""

    home: Path | str | None
    """Folder of your skills and runs; none: ``$SKILLWRIGHT_HOME``, else the platform's folder for user data."""
    progress: Callable[[Progress], None] | None
    """Takes the newest state, a few times per second at most."""
    says: Callable[[str], None] | None
    """Takes one line of plain text, such as ``print`` does; may be called from other threads."""
    hears: Callable[[str], None] | None
    """Takes a piece of a language model's reply as it arrives; may be called from other threads."""
    person: Person | None
    """Answers where a run needs an answer; none: nobody is there."""


class ResumeOptions(CallerOptions, total=False):
    """What ``resume`` can be told, and every verb that works with language models."""

    max_usd: float | None
    """Most money that models may cost in this run."""
    max_tokens: int | None
    """Most tokens that models may take in this run."""


class SearchOptions(ResumeOptions, total=False):
    """How rewards are searched and policies trained."""

    seed: int
    """Of the run."""
    num_candidates: int | None
    """Reward programs per generation."""
    num_generations: int | None
    """Generations of reward programs."""
    total_timesteps: int | None
    """Env steps of the whole run; none: what the card advises."""
    num_workers: int | None
    """Worker processes; none: one per core."""
    num_held_out: int
    """Held-out episodes on which the skill is judged."""
    device: str
    """Where networks are computed: ``auto``, ``cpu``, ``cuda``, ``cuda:1``."""
    model: str | None
    """Language model for every role, such as ``openai:gpt-5-mini``, or ``none``; several with commas between them."""
    profile: str
    """Agent profile: which model works in which role."""
    keep_experience_mb: float | None
    """Most megabytes of candidates' episodes that are kept, of all runs together; none: nothing is kept."""
    from_experience: str | None
    """A run or dataset on whose episodes rewards are screened and policies begin."""
    proposer: str | None
    """Who writes the rewards: ``llm``, ``search``, ``both``, or a plugin's; none: the model, if there is one."""


class RunOptions(SearchOptions, total=False):
    """What ``run`` can be told."""

    task: str | None
    """The card's task that judges the skill; none: the one nearest to the sentence."""
    reuse: bool
    """Whether a verified skill of this very sentence is taken from the library; by default only where no seed is
    given."""


class EvolveOptions(SearchOptions, total=False):
    """What ``evolve`` can be told."""

    is_confirmed: bool
    """Whether whatever a model understands by a task in your own words is taken unseen."""
    has_feedback: bool
    """Whether ``person`` is asked after every generation."""
    preferences: str | None
    """Id of a learned preference, or of the run whose clips it was learned from."""
    preference_weight: float
    """How much the preference counts, in deviations."""
    from_run: str | None
    """Id of an earlier run whose best rewards are tried first."""
    has_reflection: bool
    """Whether proposers are told what earlier generations taught."""
    has_screens: bool
    """Whether programs are screened for more than that they run."""
    has_racing: bool
    """Whether hopeless candidates leave training early."""
    has_elites: bool
    """Whether parents come from all generations."""
    has_diversity: bool
    """Whether parents that want nearly the same as a better one are passed over."""


def request_with(options: Mapping[str, object], **settled: object) -> RunRequest:
    """Makes a request of what a caller gave.

    Args:
        options: what they gave by name.
        settled: what the verb adds.

    Raises:
        ConfigError: an option is unknown, has the wrong type or lies outside its bounds.
    """
    given = {name: value for name, value in options.items() if name not in CallerOptions.__annotations__}
    _refuse_outside(given)
    try:
        return RunRequest.model_validate({"device": _DEVICE, **given, **settled}, strict=True)
    except ValidationError as error:
        [first, *_] = error.errors()
        name = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{name} is {first['input']!r}: {first['msg']}") from None


def spelling_out(options: type[CallerOptions]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Shows every option with its default where ``help`` and notebooks look.

    Args:
        options: the class that names them.
    """

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(verb)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        named = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(name), annotation=hint)
            for name, hint in get_type_hints(options).items()
        ]
        shown = {one.name: one for one in (*own, *named)}
        setattr(verb, "__signature__", signature.replace(parameters=[*shown.values()]))  # noqa: B010 - not in its type
        return verb

    return decorate


def _refuse_outside(given: Mapping[str, object]) -> None:
    for name, least in _AT_LEAST.items():
        value = given.get(name)
        if isinstance(value, int | float) and not value >= least:
            raise ConfigError(f"{name} is {value}; it must be at least {least:g}")
    seed = given.get("seed")
    if isinstance(seed, int) and not 0 <= seed <= _LARGEST_SEED:
        raise ConfigError(f"seed is {seed}; it must lie between 0 and {_LARGEST_SEED}")


def _default(name: str) -> object:
    if name in CallerOptions.__annotations__:
        return None
    return _DEVICE if name == "device" else RunRequest.model_fields[name].default
