"""Running backward: the reward of Gymnasium's HalfCheetah with its forward term turned round, and one for the feet.

Written for this card, after gymnasium/envs/mujoco/half_cheetah_v5.py. The term for the feet keeps it off its back.
"""


def reward(s, a, n):
    torque = a.back_thigh**2 + a.back_shin**2 + a.back_foot**2 + a.front_thigh**2 + a.front_shin**2 + a.front_foot**2
    return {
        "backward": -(0.4 * s.vx + 0.6 * n.vx),
        "on_feet": 0.5 * np.cos(n.angle),
        "effort": -0.1 * torque,
    }
