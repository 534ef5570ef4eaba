"""Pushing: the hand down over the puck, so that its fingers hold it between them, then the puck's way to the goal.

The task is Meta-World's Push-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and Meta
Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    over = np.linalg.norm(n.hand - n.object - np.array([0, 0, 0.045]), axis=1)
    return {
        "approach": -over,
        "deliver": 5 * (s.object_to_goal - n.object_to_goal) / 0.2 + 1 - n.object_to_goal / 0.2,
        "there": np.where(n.object_to_goal <= 0.05, 1.0, 0.0),
    }
