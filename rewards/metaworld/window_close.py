"""Closing a window: the hand to the right of the handle, and the handle's way to the left.

The task is Meta-World's WindowClose-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    right = np.linalg.norm(n.hand - n.object - np.array([0.03, -0.03, 0]), axis=1)
    away = np.abs(n.object[:, 0] - n.goal[:, 0])
    return {"approach": -right, "slide": 2 * (1 - away / 0.21), "done": np.where(away <= 0.05, 1.0, 0.0)}
