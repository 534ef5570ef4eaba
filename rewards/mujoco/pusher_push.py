"""The reward of Gymnasium's Pusher, as named terms: less the cylinder to goal distance, half of hand to cylinder,
and torque.

Source: gymnasium/envs/mujoco/pusher_v5.py, ``PusherEnv.step``. Nothing is left out.
"""


def reward(s, a, n):
    arm = a.shoulder_pan**2 + a.shoulder_lift**2 + a.upper_arm_roll**2 + a.elbow_flex**2 + a.forearm_roll**2
    hand = a.wrist_flex**2 + a.wrist_roll**2
    return {
        "goal": -distance(n.object_x - n.goal_x, n.object_y - n.goal_y, n.object_z - n.goal_z),
        "near": -0.5 * distance(n.object_x - n.hand_x, n.object_y - n.hand_y, n.object_z - n.hand_z),
        "effort": -0.1 * (arm + hand),
    }


def distance(x, y, z):
    return np.sqrt(x**2 + y**2 + z**2)
