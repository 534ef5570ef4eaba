"""The reward of Gymnasium's Walker2d, as named terms: 1 per m/s forward, 1 for every step not fallen, less torque.

Source: gymnasium/envs/mujoco/walker2d_v5.py, ``Walker2dEnv.step``. One deviation: the position is not observed, so the
speed of a step is the mean of the velocities before and after it, right to 0.02 m/s as a rule.
"""


def reward(s, a, n):
    right = a.right_thigh**2 + a.right_leg**2 + a.right_foot**2
    left = a.left_thigh**2 + a.left_leg**2 + a.left_foot**2
    return {"forward": (s.vx + n.vx) / 2, "healthy": 1 - n.terminated, "effort": -0.001 * (right + left)}
