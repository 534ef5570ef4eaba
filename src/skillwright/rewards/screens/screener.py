"""Puts programs through all screens, cheapest first, and remembers what it has accepted."""

from collections.abc import Sequence
from typing import Final

from skillwright.core.errors import ProgramFailed, ProgramRejected
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.rewards.records import Candidate, Screening
from skillwright.rewards.screens import SCREENS, Ground, Screen, Trial
from skillwright.rewards.screens.correlation import likeness
from skillwright.rewards.sources import ProgramReward

__all__ = ["Screener"]

_KIN: Final = 0.95
"""Correlation of two rewards from which on they want nearly the same."""


class Screener:
    """Remembers the rewards it has accepted, so that no later one repeats them.

    Args:
        card: the world.
        transitions: recorded ones, on which programs are tried.
        names: of the screens; by default all that are registered. Whatever they are, a program must run and return
            finite terms of the right shape.
    """

    def __init__(self, card: EnvCard, transitions: TransitionBlock, names: Sequence[str] | None = None) -> None:
        self._card = card
        self._ground = Ground(transitions=transitions)
        chosen: list[Screen] = [SCREENS.resolve(name)() for name in (SCREENS.names() if names is None else names)]
        self._screens = sorted(chosen, key=lambda screen: screen.cost)

    def learn(self, episodes: Sequence[TransitionBlock], fitness: Sequence[float]) -> None:
        """Takes in judged episodes, for screens that compare a reward with what is good.

        Args:
            episodes: whole ones.
            fitness: of each.
        """
        self._ground.episodes = [*self._ground.episodes, *episodes]
        self._ground.fitness = [*self._ground.fitness, *fitness]

    def recall(self, episodes: Sequence[TransitionBlock], fitness: Sequence[float]) -> None:
        """Takes in episodes of candidates of earlier runs.

        Args:
            episodes: whole ones.
            fitness: of each.
        """
        self._ground.logged, self._ground.logged_fitness = episodes, fitness

    @traced("screen")
    def screen(self, candidate: Candidate) -> Screening:
        """Tries a candidate's program.

        Args:
            candidate: the candidate.

        Returns:
            Whether it is worth training, and if not, why.
        """
        annotate(candidate=candidate.id)
        try:
            trial = self._try(candidate)
            reason = next(filter(None, (screen.problem(trial, self._ground) for screen in self._screens)), "")
        except (ProgramRejected, ProgramFailed) as error:
            annotate(accepted=False)
            return Screening(candidate_id=candidate.id, accepted=False, reason=str(error))
        annotate(accepted=not reason)
        if not reason:
            self._ground.accepted[candidate.id] = trial.reward
        return Screening(candidate_id=candidate.id, accepted=not reason, reason=reason)

    def remember(self, candidate: Candidate) -> None:
        """Takes note of a candidate that was accepted in an earlier sitting of the run.

        Args:
            candidate: an accepted candidate.
        """
        if candidate.id not in self._ground.accepted:
            self._ground.accepted[candidate.id] = self._try(candidate).reward

    def kin(self, ranked: Sequence[str]) -> frozenset[str]:
        """Finds the candidates that want nearly the same as a better one.

        Args:
            ranked: ids of accepted candidates, best first.

        Returns:
            Ids whose rewards on the recorded transitions correlate by more than 0.95 with those of one before them that
            is not kin itself.
        """
        rewards, is_end = self._ground.accepted, self._ground.transitions.terminated
        heads: list[str] = []
        for name in ranked:
            if not any(likeness(rewards[name], rewards[head], is_end) > _KIN for head in heads):
                heads.append(name)
        return frozenset(ranked) - frozenset(heads)

    def _try(self, candidate: Candidate) -> Trial:
        source = ProgramReward(self._card, candidate.program)
        reward, terms = source.score(self._ground.transitions)
        return Trial(reward, terms, lambda block: source.score(block).reward)
