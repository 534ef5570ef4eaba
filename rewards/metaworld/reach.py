"""Reaching: minus the distance of the fingertips from the goal, and a bonus close to it.

The task is Meta-World's Reach-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and Meta
Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    away = np.linalg.norm(n.hand - np.array([0, 0, 0.044]) - n.goal, axis=1)
    return {"approach": -away, "there": 0.5 * np.exp(-((away / 0.05) ** 2))}
