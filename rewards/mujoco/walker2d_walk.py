"""A walk at 1 m/s: pays for the right speed, for not falling and for an upright torso, and charges for torque.

Written for this card. The terms of survival and torque are those of Gymnasium's Walker2d; in place of its reward for
speed stands one that is highest at 1 m/s and falls off to both sides, and one for the torso's uprightness.
"""


def reward(s, a, n):
    right = a.right_thigh**2 + a.right_leg**2 + a.right_foot**2
    left = a.left_thigh**2 + a.left_leg**2 + a.left_foot**2
    return {
        "pace": 2 * np.exp(-4 * (n.vx - 1) ** 2),
        "healthy": 1 - n.terminated,
        "upright": -0.5 * np.abs(n.angle),
        "effort": -0.01 * (right + left),
    }
