"""Pressing a handle: the hand over it, and its way down, also beyond the goal.

The task is Meta-World's HandlePress-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    above = np.linalg.norm(n.hand - n.object - np.array([0, -0.02, 0.045]), axis=1)
    left = np.clip(n.object[:, 2] - n.goal[:, 2], 0, 1)
    return {"approach": -above, "press": 2 * (1 - left / 0.1), "done": np.where(left <= 0.02, 1.0, 0.0)}
