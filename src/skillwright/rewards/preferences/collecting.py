"""A session of choosing: what has been chosen is taken from the journal, the rest is asked once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from skillwright.core.seeding import generator
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard
from skillwright.rewards.preferences.accuracy import measure_accuracy
from skillwright.rewards.preferences.choosers import Chooser
from skillwright.rewards.preferences.dataset import load_choices
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.fitting import FitConfig, fit_preferences
from skillwright.rewards.preferences.model import PreferenceModel
from skillwright.rewards.preferences.records import Choice, FittedPreferences, Footage, Pair, Pairs
from skillwright.rewards.preferences.selection import Rank, disagreement, draw_pairs

__all__ = ["FIRST_BATCH", "Session", "split_choices"]

FIRST_BATCH: Final = 20
"""Pairs drawn at random before the first fit; then the ensemble is fitted anew whenever the choices have doubled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything that choosing between the clips of one footage needs."""

    card: EnvCard
    """The world."""
    footage: Footage
    """The recorded episodes."""
    shelf: Shelf
    """Holds them."""
    steps: Steps
    """The journal."""
    prefix: str
    """Of the session's keys in the journal."""
    seed: int
    """Of the selection of pairs and of every fit."""
    config: FitConfig = field(default_factory=FitConfig)
    """How rewards are fitted."""

    def choices(self, num_pairs: int) -> list[Choice]:
        """Gives what has been chosen of the first pairs, without asking anybody.

        Args:
            num_pairs: how many pairs to look at.
        """
        found = (self.steps.find(self._choice_key(number), Choice) for number in range(num_pairs))
        return [choice for choice in found if choice is not None]

    def collect(self, chooser: Chooser, num_pairs: int) -> list[Choice]:
        """Asks about every pair that nobody has chosen from yet; each choice is journalled as soon as it is made.

        Args:
            chooser: who chooses.
            num_pairs: how many choices there shall be in all.

        Returns:
            The choices, in the order of the pairs; fewer if the chooser stopped.

        Raises:
            StorageError: the journal cannot be written.
        """
        choices: list[Choice] = []
        begin, end = 0, FIRST_BATCH
        while begin < num_pairs:
            for pair in self._batch(begin, end, choices).pairs[: num_pairs - begin]:
                choice = self._ask(pair, chooser)
                if choice is None:
                    return choices
                choices.append(choice)
            begin, end = end, 2 * end
        return choices

    def fit(self, choices: Sequence[Choice]) -> FittedPreferences:
        """Learns a reward from choices, measures it on the held-out ones, and stores it.

        Args:
            choices: what ``collect`` returned.

        Raises:
            ConfigError: there are too few choices.
            MissingExtra: torch is not installed.
            StorageError: the model cannot be stored.
        """
        return self.steps.once(f"{self.prefix}/model-{len(choices):04d}", FittedPreferences, lambda: self._fit(choices))

    def _ask(self, pair: Pair, chooser: Chooser) -> Choice | None:
        key = self._choice_key(int(pair.id))
        known = self.steps.find(key, Choice)
        if known is not None:
            return known
        choice = chooser.choose(pair)
        return None if choice is None else self.steps.once(key, Choice, lambda: choice)

    def _fit(self, choices: Sequence[Choice]) -> FittedPreferences:
        fitted, held_out = split_choices(choices)
        model = self._learn(fitted)
        return FittedPreferences(
            model=self.shelf.store.put(model.to_bytes()),
            env_id=self.card.id,
            num_choices=len(choices),
            num_fitted=model.spec.num_choices,
            held_out=measure_accuracy(self.card, self.shelf, model, held_out),
        )

    def _batch(self, begin: int, end: int, choices: Sequence[Choice]) -> Pairs:
        """Selects a batch by what was learned from the batches before it; the first at random."""

        def select() -> Pairs:
            random = generator(self.seed, "preferences", "pairs", begin)
            return Pairs(pairs=draw_pairs(self.footage, range(begin, end), random, rank=self._rank(choices)))

        return self.steps.once(f"{self.prefix}/pairs-{begin:04d}", Pairs, select)

    def _rank(self, choices: Sequence[Choice]) -> Rank | None:
        fitted, _ = split_choices(choices)
        if sum(choice.target is not None for choice in fitted) < 2:
            return None
        model = self._learn(fitted)
        return lambda pairs: disagreement(self.card, self.shelf, model, pairs)

    def _learn(self, choices: Sequence[Choice]) -> PreferenceModel:
        pairs = load_choices(self.card, self.shelf, choices)
        return fit_preferences(self.card, pairs, seed=self.seed, config=self.config)

    def _choice_key(self, number: int) -> str:
        return f"{self.prefix}/choice-{number:04d}"


def split_choices(choices: Sequence[Choice]) -> tuple[list[Choice], list[Choice]]:
    """Parts choices into those to fit to and those held out.

    Args:
        choices: any number.
    """
    held_out = [choice for choice in choices if choice.pair.held_out]
    return [choice for choice in choices if not choice.pair.held_out], held_out
