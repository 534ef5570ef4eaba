"""The settings of population PPO."""

from dataclasses import dataclass

__all__ = ["PPOConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PPOConfig:
    """Settings every candidate of a population shares."""

    num_envs: int = 16
    """Environments per candidate."""
    num_steps: int = 256
    """Env steps per environment between two updates."""
    minibatch_size: int = 256
    """Transitions per gradient step and candidate."""
    num_epochs: int = 10
    """Passes over each rollout."""
    learning_rate: float = 1e-3
    """Adam's step size at the start."""
    anneal_learning_rate: bool = True
    """Whether the step size falls linearly to 0 over the training."""
    gamma: float = 0.99
    """Discount per env step."""
    gae_lambda: float = 0.95
    """λ of generalised advantage estimation."""
    clip_range: float = 0.2
    """ε of the clipped surrogate objective."""
    entropy_coef: float = 0.0
    """Weight of the entropy bonus."""
    value_coef: float = 0.5
    """Weight of the critic's squared error."""
    max_grad_norm: float = 0.5
    """Largest gradient norm per candidate."""
    normalize_observation: bool = True
    """Whether observations are normalised by running moments."""
    normalize_reward: bool = True
    """Whether rewards are scaled by the running deviation of the return."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers of actor and critic."""
    engine: str = "fused"
    """What computes on a CPU: ``fused`` (compiled) or ``torch`` (the readable reference)."""

    def __post_init__(self) -> None:
        """Refuses values no training can have."""
        for name in ("num_envs", "num_steps", "minibatch_size", "num_epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if not 0.0 < self.gamma <= 1.0 or not 0.0 <= self.gae_lambda <= 1.0:
            raise ValueError("gamma must be in (0, 1] and gae_lambda in [0, 1]")
        if self.learning_rate <= 0.0 or self.clip_range <= 0.0 or self.max_grad_norm <= 0.0:
            raise ValueError("learning_rate, clip_range and max_grad_norm must be positive")
        if self.engine not in ("fused", "torch"):
            raise ValueError(f"engine must be fused or torch, not {self.engine}")
        if not self.hidden_sizes or min(self.hidden_sizes) < 1:
            raise ValueError("hidden_sizes needs at least one layer of at least one unit")

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates."""
        return self.num_envs * self.num_steps
