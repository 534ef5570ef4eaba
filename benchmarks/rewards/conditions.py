"""Where the rewards come from that are compared, and what a run is asked for to get them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks.rewards.scale import Scale

__all__ = ["ABLATIONS", "CONDITIONS", "MODEL", "REFERENCE", "SPARSE", "Condition", "Search", "choose"]

REFERENCE: Final = "reference"
SPARSE: Final = "sparse"
MODEL: Final = "model"

Shape = Literal["K", "KxN", "K*N"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search for a reward: how its candidates are spread over generations, and what is switched off."""

    shape: Shape = "KxN"
    """One generation of K, N of K, or one of K·N; the budget of env steps is the same."""
    asks_model: bool = False
    """Whether a language model writes the rewards; else the search that asks nobody."""
    has_reflection: bool = True
    has_screens: bool = True
    has_racing: bool = True
    has_elites: bool = True

    def size(self, scale: Scale) -> tuple[int, int]:
        """Gives the number of candidates per generation and of generations.

        Args:
            scale: how much is measured.
        """
        num_candidates, num_generations = scale.num_candidates, scale.num_generations
        if self.shape == "K":
            return num_candidates, 1
        return (num_candidates * num_generations, 1) if self.shape == "K*N" else (num_candidates, num_generations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A source of rewards."""

    name: str
    meaning: str
    """What it is, in a sentence; K and N stand for the scale's numbers."""
    search: Search | None = None
    """How the reward is found; none: it is there already."""


CONDITIONS: Final = (
    Condition(name=REFERENCE, meaning="The reward program that the env card brings, written by a person."),
    Condition(
        name=SPARSE,
        meaning="Nothing until an episode ends; then the task's own fitness of the whole episode, at its last step.",
    ),
    Condition(
        name="random-K",
        meaning="One generation of K programs drawn at random by the search; no evolution, longer training for each.",
        search=Search(shape="K"),
    ),
    Condition(
        name="1-shot K·N",
        meaning="One generation of K·N programs drawn at random by the search; no evolution.",
        search=Search(shape="K*N"),
    ),
    Condition(
        name="search",
        meaning="N generations of K programs: the evolution of the product without a language model.",
        search=Search(),
    ),
    Condition(
        name=MODEL,
        meaning="The same evolution, with a language model that writes the programs; its replies are repeated from "
        "`benchmarks/rewards/replies`.",
        search=Search(asks_model=True),
    ),
)

ABLATIONS: Final = (
    Condition(
        name="search, no screens",
        meaning="`search` with `--no-screens`: whatever runs is trained.",
        search=Search(has_screens=False),
    ),
    Condition(
        name="search, no racing",
        meaning="`search` with `--no-racing`: every candidate is trained to the end, and so each for a shorter time.",
        search=Search(has_racing=False),
    ),
    Condition(
        name="search, no elitism",
        meaning="`search` with `--no-elitism`: parents come from the newest generation only.",
        search=Search(has_elites=False),
    ),
    Condition(
        name="model, no reflection",
        meaning="`model` with `--no-reflection`: the model is told fitness numbers only.",
        search=Search(asks_model=True, has_reflection=False),
    ),
)


def choose(*, with_ablations: bool, names: Sequence[str] = ()) -> list[Condition]:
    """Lists conditions.

    Args:
        with_ablations: whether the ablations are among them.
        names: only those; none: all.
    """
    known = [*CONDITIONS, *(ABLATIONS if with_ablations else ())]
    return [one for one in known if not names or one.name in names]
