"""The settings of population SAC."""

from dataclasses import dataclass

__all__ = ["SACConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SACConfig:
    """Settings every candidate of a population shares."""

    num_envs: int = 4
    """Environments per candidate."""
    num_steps: int = 16
    """Env steps per environment between two rounds of updates."""
    updates_per_step: float = 1.0
    """Gradient steps per env step of a candidate."""
    batch_size: int = 256
    """Transitions per gradient step and candidate."""
    learning_rate: float = 1e-3
    """Adam's step size, of actor, critics and temperature."""
    gamma: float = 0.99
    """Discount per env step."""
    tau: float = 0.005
    """Share by which the target networks move towards the critics at each update."""
    learning_starts: int = 1000
    """Transitions in a candidate's replay before its first update; until then its actions are uniform."""
    warm_up_updates: int = 5000
    """First gradient steps in which a candidate that starts from a policy only learns its critics, so that critics that
    know nothing do not spoil it."""
    replay_size: int = 200_000
    """Newest transitions kept: of all candidates together where they share (then at least a rollout of all), else of
    each."""
    share_replay: bool = True
    """Whether every candidate learns from the transitions of all, each under its own reward."""
    own_share: float = 0.5
    """Share of each minibatch that is drawn from a candidate's own transitions, where the others' are shared too."""
    initial_temperature: float = 1.0
    """α before the first update."""
    normalize_observation: bool = True
    """Whether observations are normalised by running moments."""
    normalize_reward: bool = True
    """Whether rewards are divided by their running root mean square."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers of actor and critics."""

    def __post_init__(self) -> None:
        """Refuses values no training can have."""
        for name in ("num_envs", "batch_size", "learning_starts"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.warm_up_updates < 0:
            raise ValueError("warm_up_updates must be at least 0")
        if self.num_steps < 2:
            raise ValueError("num_steps must be at least 2: a single step may only reset every environment")
        if self.replay_size < max(self.batch_size, self.learning_starts, self.rollout_timesteps):
            raise ValueError("replay_size must be at least batch_size, learning_starts and num_envs * num_steps")
        if not 0.0 < self.gamma <= 1.0 or not 0.0 < self.tau <= 1.0:
            raise ValueError("gamma and tau must be in (0, 1]")
        if not 0.0 <= self.own_share <= 1.0:
            raise ValueError("own_share must be in [0, 1]")
        if self.learning_rate <= 0.0 or self.updates_per_step <= 0.0 or self.initial_temperature <= 0.0:
            raise ValueError("learning_rate, updates_per_step and initial_temperature must be positive")
        if not self.hidden_sizes or min(self.hidden_sizes) < 1:
            raise ValueError("hidden_sizes needs at least one layer of at least one unit")

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two rounds of updates."""
        return self.num_envs * self.num_steps

    @property
    def rollout_updates(self) -> int:
        """Gradient steps per candidate in one round."""
        return max(1, round(self.updates_per_step * self.rollout_timesteps))
