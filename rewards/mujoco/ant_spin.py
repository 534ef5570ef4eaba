"""A turn on the spot: pays for turning left and for standing on the feet, and charges for moving away and for torque.

Written for this card. The terms of survival and torque are those of Gymnasium's Ant, the latter at a tenth of it.
"""


def reward(s, a, n):
    hips = a.front_right_hip**2 + a.front_left_hip**2 + a.back_left_hip**2 + a.back_right_hip**2
    ankles = a.front_right_ankle**2 + a.front_left_ankle**2 + a.back_left_ankle**2 + a.back_right_ankle**2
    upright = 1 - 2 * (n.orientation_x**2 + n.orientation_y**2)
    return {
        "turning": n.yaw_velocity * (upright > 0),
        "upright": 0.5 * upright,
        "healthy": 1 - n.terminated,
        "drift": -0.5 * np.hypot(n.vx, n.vy),
        "effort": -0.05 * (hips + ankles),
    }
