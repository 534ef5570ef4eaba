"""Closing a drawer: the hand in front of the handle, and the handle's way from the robot.

The task is Meta-World's DrawerClose-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    front = np.linalg.norm(n.hand - n.object - np.array([0, -0.03, 0]), axis=1)
    away = np.abs(n.object[:, 1] - n.goal[:, 1])
    return {"approach": -front, "close": 2 * (1 - away / 0.16), "done": np.where(away <= 0.0415, 1.0, 0.0)}
