"""Standing still: pays for not falling, for an upright torso at full height, and charges for motion and for torque.

Written for this card; the worth of a step not fallen is that of Gymnasium's Humanoid.
"""


def reward(s, a, n):
    lean = n.orientation_x**2 + n.orientation_y**2
    return {
        "healthy": 5 * (1 - n.terminated),
        "upright": -4 * lean,
        "height": -2 * np.abs(n.z - 1.35),
        "still": 2 * np.exp(-4 * (n.vx**2 + n.vy**2)),
        "effort": -0.1 * (a.right_hip_y**2 + a.left_hip_y**2 + a.right_knee**2 + a.left_knee**2 + a.abdomen_y**2),
    }
