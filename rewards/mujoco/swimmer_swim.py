"""The reward of Gymnasium's Swimmer, as named terms: 1 per m/s along x, less a little torque.

Source: gymnasium/envs/mujoco/swimmer_v5.py, ``SwimmerEnv.step``. One deviation: the position is not observed, so the
speed of a step is the mean of the velocities before and after it, right to 0.02 m/s as a rule.
"""


def reward(s, a, n):
    return {"forward": (s.vx + n.vx) / 2, "effort": -0.0001 * (a.front_joint**2 + a.rear_joint**2)}
