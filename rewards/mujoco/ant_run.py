"""The reward of Gymnasium's Ant, as named terms: 1 per m/s forward, 1 per step not ended, less torque and contact.

Source: gymnasium/envs/mujoco/ant_v5.py, ``AntEnv.step``. One deviation: the position is not observed, so the speed of a
step is the mean of the velocities before and after it, right to 0.1 m/s as a rule.
"""


def reward(s, a, n):
    hips = a.front_right_hip**2 + a.front_left_hip**2 + a.back_left_hip**2 + a.back_right_hip**2
    ankles = a.front_right_ankle**2 + a.front_left_ankle**2 + a.back_left_ankle**2 + a.back_right_ankle**2
    return {
        "forward": (s.vx + n.vx) / 2,
        "healthy": 1 - n.terminated,
        "effort": -0.5 * (hips + ankles),
        "contact": -0.0005 * contact(n),
    }


def contact(n):
    left = total(n.front_left_upper_leg_contact) + total(n.front_left_foot_contact)
    left = left + total(n.back_left_upper_leg_contact) + total(n.back_left_foot_contact)
    right = total(n.front_right_upper_leg_contact) + total(n.front_right_foot_contact)
    right = right + total(n.back_right_upper_leg_contact) + total(n.back_right_foot_contact)
    return total(n.body_contact) + left + right


def total(force):
    return np.sum(force**2, axis=1)
