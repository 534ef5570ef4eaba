"""The reward of Gymnasium's MountainCarContinuous, as named terms: 100 at the goal, less the force used.

Source: gymnasium/envs/classic_control/continuous_mountain_car.py, ``Continuous_MountainCarEnv.step``.
"""


def reward(s, a, n):
    return {"goal": 100 * n.terminated, "effort": -0.1 * a.force**2}
