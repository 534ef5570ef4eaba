"""A world: a puck on a frictionless line, pushed to the left or to the right; importing this registers it."""

import gymnasium
import numpy as np
from gymnasium.spaces import Box

__all__ = ["Drifter"]


class Drifter(gymnasium.Env[np.ndarray, np.ndarray]):
    """Pushes a puck of 1 kg with up to 1 N, 0.1 s at a time; an episode ends where the puck has left the line."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012 - Gymnasium's own form

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = Box(-10.0, 10.0, (2,), np.float32)
        self.action_space = Box(-1.0, 1.0, (1,), np.float32)
        self._state = np.zeros(2)

    def reset(self, *, seed: int | None = None, options: dict[str, object] | None = None):
        """Lays the puck somewhere, at rest."""
        super().reset(seed=seed)
        self._state = np.array([self.np_random.uniform(-1.0, 1.0), 0.0])
        return self._state.astype(np.float32), {}

    def step(self, action: np.ndarray):
        """Pushes the puck."""
        self._state[1] += 0.1 * float(np.clip(action[0], -1.0, 1.0))
        self._state[0] += 0.1 * self._state[1]
        is_lost = bool(abs(self._state[0]) > 3.0)
        return self._state.astype(np.float32), -abs(float(self._state[0])), is_lost, False, {}

    def render(self) -> np.ndarray:
        """Draws the line and the puck."""
        frame = np.full((32, 160, 3), 255, np.uint8)
        frame[20] = 0
        place = int(np.clip(80 + 25 * self._state[0], 4, 155))
        frame[12:20, place - 4 : place + 4] = (200, 60, 40)
        return frame


gymnasium.register("Drifter-v0", entry_point=Drifter, max_episode_steps=60)
