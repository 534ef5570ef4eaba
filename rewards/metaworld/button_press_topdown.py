"""Pressing a button from above: the hand over the button, and the button's way down.

The task is Meta-World's ButtonPressTopdown-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task
and Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    above = np.linalg.norm(n.hand - n.object - np.array([0, 0, 0.045]), axis=1)
    away = np.abs(n.object[:, 2] - n.goal[:, 2])
    return {"approach": -above, "press": 2 * (1 - away / 0.093), "done": np.where(away <= 0.024, 1.0, 0.0)}
