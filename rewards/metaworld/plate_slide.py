"""Sliding a plate: the hand at the plate's near edge, and the plate's way to the goal.

The task is Meta-World's PlateSlide-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    near = np.linalg.norm(n.hand - n.object - np.array([0, -0.05, 0.04]), axis=1)
    return {
        "approach": -near,
        "slide": 2 * (1 - n.object_to_goal / 0.29),
        "there": np.where(n.object_to_goal <= 0.07, 1.0, 0.0),
    }
