"""Opening a door: the hand to the handle from above, so that it can hook it, and the handle's way to the left.

The task is Meta-World's DoorOpen-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and Meta
Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    hook = n.object + np.array([0.01, 0.02, 0])
    across = np.linalg.norm((n.hand - hook)[:, :2], axis=1)
    low = np.clip(hook[:, 2] + 0.1 - n.hand[:, 2], 0, 0.2)
    away = np.abs(n.object[:, 0] - n.goal[:, 0])
    return {
        "approach": -np.linalg.norm(n.hand - hook, axis=1),
        "from_above": np.where(across > 0.08, -2 * low, 0.0),
        "open": 4 * (1 - away / 0.5),
        "done": np.where(away <= 0.08, 1.0, 0.0),
    }
