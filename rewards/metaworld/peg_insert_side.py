"""Inserting a peg: the hand over it, the fingers closed, the peg off the table, then its head's way to the hole.

The task is Meta-World's PegInsertSide-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    over = np.linalg.norm(n.hand - n.object - np.array([0, 0, 0.02]), axis=1)
    between = over <= 0.04
    lifted = between & (n.object[:, 2] > 0.06)
    away = np.linalg.norm((n.object - np.array([0.13, 0, 0.01]) - n.goal) * np.array([1, 2, 2]), axis=1)
    return {
        "approach": -over,
        "grasp": 0.5 * np.where(between, np.clip(1 - n.gripper, 0, 0.6), 0.0),
        "lift": 5 * np.where(between, np.clip(n.object[:, 2] - 0.02, 0, 0.11), 0.0),
        "insert": 2 * np.where(lifted, np.clip(1 - away / 0.5, 0, 1), 0.0),
        "there": 2 * np.where(away <= 0.07, 1.0, 0.0),
    }
