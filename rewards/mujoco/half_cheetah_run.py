"""The reward of Gymnasium's HalfCheetah, as named terms: 1 per m/s forward, less torque.

Source: gymnasium/envs/mujoco/half_cheetah_v5.py, ``HalfCheetahEnv.step``. One deviation: the position is not
observed, so the speed of a step is taken from the velocities before and after it. The simulator moves a body by the
velocity at the end of each of its five steps within an env step, hence the weights.

Nothing in it asks for the feet: PPO trained on it for 1,000,000 env steps ended sliding on its back, for a return of
about 1,770, with both of two seeds.
"""


def reward(s, a, n):
    torque = a.back_thigh**2 + a.back_shin**2 + a.back_foot**2 + a.front_thigh**2 + a.front_shin**2 + a.front_foot**2
    return {"forward": 0.4 * s.vx + 0.6 * n.vx, "effort": -0.1 * torque}
