"""A reward for hovering above LunarLander's pad, written by hand for this task; the environment has none.

Progress terms lead the lander to the point (0, 0.7) and slow it down; a standing bonus for being close
pays for every step in the air, so that falling early is never worth it.
"""


def reward(s, a, n):
    before = np.hypot(s.x, s.y - 0.7)
    after = np.hypot(n.x, n.y - 0.7)
    return {
        "approach": 100 * (before - after),
        "slow_down": 50 * (np.hypot(s.vx, s.vy) - np.hypot(n.vx, n.vy)),
        "straighten": 100 * (np.abs(s.angle) - np.abs(n.angle)),
        "stay": np.maximum(0.0, 1 - after / 0.7),
        "crash": -100 * n.terminated,
    }
