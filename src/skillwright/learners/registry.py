"""The learners an env card can name."""

from collections.abc import Mapping
from typing import Final, Protocol

from skillwright.core import Registry
from skillwright.envs import EnvCard
from skillwright.learners.problem import Learner

__all__ = ["LEARNERS", "LearnerType", "make_learner"]


class LearnerType(Protocol):
    """What a learner is registered as: usually its class."""

    def create(self, settings: Mapping[str, object], *, where: str) -> Learner:
        """Makes the learner from the settings that differ from its defaults.

        Args:
            settings: name -> value.
            where: the settings' origin, named in errors.
        """
        ...


LEARNERS: Final[Registry[LearnerType]] = Registry(
    "learner",
    "skillwright.learners",
    {"ppo": "skillwright.learners.ppo:PopulationPPO", "sac": "skillwright.learners.sac:PopulationSAC"},
)


def make_learner(card: EnvCard, *, is_final: bool = False) -> Learner:
    """Makes the learner a card asks for, with the card's settings.

    Args:
        card: the world.
        is_final: whether for the finals, which may have settings of their own.

    Returns:
        The learner.

    Raises:
        NotFound: no learner has the card's name for it.
        ConfigError: the card's settings are not the learner's, or the learner cannot be imported.
    """
    preset = card.learner
    settings = {**preset.settings, **preset.final_settings} if is_final else preset.settings
    where = f"{card.id}: learner.{'final_settings' if is_final else 'settings'}"
    return LEARNERS.resolve(preset.algorithm).create(settings, where=where)
