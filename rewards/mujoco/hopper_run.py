"""The reward of Gymnasium's Hopper, as named terms: 1 per m/s forward, 1 for every step not fallen, less torque.

Source: gymnasium/envs/mujoco/hopper_v5.py, ``HopperEnv.step``. One deviation: the position is not observed, so
the speed of a step is the mean of the velocities before and after it, right to 0.02 m/s.
"""


def reward(s, a, n):
    return {
        "forward": (s.vx + n.vx) / 2,
        "healthy": 1 - n.terminated,
        "effort": -0.001 * (a.thigh**2 + a.leg**2 + a.foot**2),
    }
