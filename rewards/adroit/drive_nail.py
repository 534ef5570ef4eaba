"""Driving a nail: the palm to the hammer, the hammer lifted and brought to the nail, the nail driven in.

The task and the stages are of Rajeswaran et al. 2018, "Learning Complex Dexterous Manipulation with Deep
Reinforcement Learning and Demonstrations"; the weights are our own.
"""


def reward(s, a, n):
    held = n.palm_to_hammer < 0.15
    return {
        "approach": -n.palm_to_hammer,
        "lift": np.where(held, 2 * np.clip(n.hammer[:, 2] - 0.035, 0, 0.1), 0.0),
        "swing": np.where(held, 0.3 * np.exp(-5 * n.hammer_to_nail), 0.0),
        "drive": 20 * np.clip(n.nail_depth, 0, 0.09),
        "done": np.where(n.nail_depth > 0.081, 2.0, 0.0),
    }
