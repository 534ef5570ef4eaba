"""Opening a window: the hand to the left of the handle, and the handle's way to the right.

The task is Meta-World's WindowOpen-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    left = np.linalg.norm(n.hand - n.object - np.array([-0.03, -0.03, 0]), axis=1)
    away = np.abs(n.object[:, 0] - n.goal[:, 0])
    return {"approach": -left, "slide": 2 * (1 - away / 0.24), "done": np.where(away <= 0.05, 1.0, 0.0)}
