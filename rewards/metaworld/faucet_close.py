"""Closing a faucet: the hand to the right of its handle, and the handle's way round.

The task is Meta-World's FaucetClose-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    right = np.linalg.norm(n.hand - n.object - np.array([0.05, 0, 0.02]), axis=1)
    return {
        "approach": -right,
        "turn": 2 * (1 - n.object_to_goal / 0.26),
        "done": np.where(n.object_to_goal <= 0.07, 1.0, 0.0),
    }
