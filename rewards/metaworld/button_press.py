"""Pressing a button from the front: the hand before the button, and the button's way in.

The task is Meta-World's ButtonPress-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    front = np.linalg.norm(n.hand - n.object - np.array([0, -0.02, 0.03]), axis=1)
    away = np.abs(n.object[:, 1] - n.goal[:, 1])
    return {"approach": -front, "press": 2 * (1 - away / 0.093), "done": np.where(away <= 0.02, 1.0, 0.0)}
