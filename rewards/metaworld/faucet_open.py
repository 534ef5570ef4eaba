"""Opening a faucet: the hand to the left of its handle, and the handle's way round.

The task is Meta-World's FaucetOpen-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    left = np.linalg.norm(n.hand - n.object - np.array([-0.05, 0, 0.02]), axis=1)
    away = np.linalg.norm(n.object - np.array([0.04, 0, 0.008]) - n.goal, axis=1)
    return {"approach": -left, "turn": 2 * (1 - away / 0.29), "done": np.where(away <= 0.07, 1.0, 0.0)}
