"""A reward for hanging still above LunarLander's pad, written by hand for this task; the environment has none.

Progress terms lead the lander above the middle of the pad, slow it down and straighten it; a standing bonus for slow,
upright flight there pays for every step in the air, so that coming down is never worth it.
"""


def reward(s, a, n):
    before = np.hypot(s.x, 0.5 * (s.y - 0.7))
    after = np.hypot(n.x, 0.5 * (n.y - 0.7))
    slow = np.maximum(0.0, 1 - 2 * np.hypot(n.vx, n.vy))
    return {
        "approach": 100 * (before - after),
        "slow_down": 50 * (np.hypot(s.vx, s.vy) - np.hypot(n.vx, n.vy)),
        "straighten": 100 * (np.abs(s.angle) - np.abs(n.angle)),
        "hang": slow * np.maximum(0.0, 1 - 2 * after),
        "crash": -100 * n.terminated,
    }
