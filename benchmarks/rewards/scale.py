"""How much is measured: which tasks, and how large the searches are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from skillwright.agents.targets import find_target
from skillwright.core import ConfigError

__all__ = ["FULL", "QUICK", "SCALES", "Name", "Scale"]

Name = Literal["quick", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One size of the benchmark."""

    name: Name
    tasks: tuple[str, ...]
    """Each is ``ENV/TASK``."""
    num_candidates: int
    """K: reward programs per generation."""
    num_generations: int
    """N."""
    budget_factor: float
    """Env steps of a whole search, in units of what the card gives one candidate."""
    num_seeds: int
    """Fresh seeds on which each condition's reward is trained in the end."""
    num_held_out: int
    """Held-out episodes on which each of these policies is judged."""

    def among(self, tasks: Sequence[str]) -> "Scale":
        """Chooses other tasks.

        Args:
            tasks: each ``ENV/TASK``; none: those of the scale.

        Raises:
            NotFound: there is no such world or task.
            ConfigError: the task is not named.
        """
        return replace(self, tasks=tuple(_whole(task) for task in tasks)) if tasks else self


def _whole(world: str) -> str:
    target = find_target(world, own=None)
    if target.task is None:
        raise ConfigError(f"{world!r} names no task")
    return f"{target.env}/{target.task}"


_CLASSIC: Final = (
    "classic_control/CartPole-v1/balance",
    "classic_control/Pendulum-v1/swing_up",
    "classic_control/Acrobot-v1/swing_up",
    "classic_control/MountainCarContinuous-v0/reach_goal",
)

QUICK: Final = Scale(
    name="quick",
    tasks=_CLASSIC,
    num_candidates=8,
    num_generations=3,
    budget_factor=16,
    num_seeds=5,
    num_held_out=100,
)

FULL: Final = Scale(
    name="full",
    tasks=(
        *_CLASSIC,
        "box2d/LunarLander-v3/land",
        "box2d/LunarLander-v3/hover",
        "box2d/LunarLanderContinuous-v3/land",
        "mujoco/Reacher-v5/reach",
        "mujoco/Swimmer-v5/swim",
        "mujoco/HalfCheetah-v5/run",
        "mujoco/Hopper-v5/run",
        "mujoco/Walker2d-v5/walk",
        "mujoco/Ant-v5/run",
        "box2d/BipedalWalker-v3/walk",
        "fetch/FetchReach-v4/reach",
        "metaworld/Reach-v3/reach",
        "metaworld/DrawerClose-v3/drawer_close",
        "metaworld/ButtonPressTopdown-v3/button_press_topdown",
        "metaworld/WindowClose-v3/window_close",
    ),
    num_candidates=16,
    num_generations=3,
    budget_factor=25,
    num_seeds=5,
    num_held_out=100,
)

SCALES: Final[dict[Name, Scale]] = {"full": FULL, "quick": QUICK}
