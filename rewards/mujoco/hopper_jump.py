"""Hopping on the spot: pays for rising and for height above standing, and charges for moving away and for torque.

Written for this card; the terms of survival and torque are those of Gymnasium's Hopper.
"""


def reward(s, a, n):
    return {
        "rise": np.maximum(n.vz, 0),
        "height": 4 * np.maximum(n.z - 1.25, 0),
        "healthy": 1 - n.terminated,
        "drift": -0.5 * np.abs(n.vx),
        "effort": -0.001 * (a.thigh**2 + a.leg**2 + a.foot**2),
    }
