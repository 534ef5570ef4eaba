"""Picking: the hand down over the puck, the fingers closed on it, the puck off the table, then its way to the goal.

The task is Meta-World's PickPlace-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and Meta
Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    over = np.linalg.norm(n.hand - n.object - np.array([0, 0, 0.045]), axis=1)
    between = over <= 0.03
    lifted = between & (n.object[:, 2] > 0.04)
    return {
        "approach": -over,
        "grasp": 0.5 * np.where(between, np.clip(1 - n.gripper, 0, 0.6), 0.0),
        "lift": 5 * np.where(between, np.clip(n.object[:, 2] - 0.02, 0, 0.1), 0.0),
        "deliver": 2 * np.where(lifted, np.clip(1 - n.object_to_goal / 0.3, 0, 1), 0.0),
        "there": 2 * np.where(lifted & (n.object_to_goal <= 0.07), 1.0, 0.0),
    }
