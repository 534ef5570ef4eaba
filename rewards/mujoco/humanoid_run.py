"""The reward of Gymnasium's Humanoid, as named terms: 1.25 per m/s forward, 5 for every step not fallen, less torque
and contact.

Source: gymnasium/envs/mujoco/humanoid_v5.py, ``HumanoidEnv.step``, which measures the speed of the whole robot's centre
of mass. One deviation: positions are not observed, so the speed of a step is the mean of that before and that after it,
each computed from mass and velocity of the parts; right to 0.01 m/s as a rule.
"""


def reward(s, a, n):
    return {
        "forward": 1.25 * (speed(s) + speed(n)) / 2,
        "healthy": 5 * (1 - n.terminated),
        "effort": -0.1 * effort(a),
        "contact": -np.minimum(0.0000005 * contact(n), 10),
    }


def speed(state):
    """Computes the forward speed of the centre of mass; a part's own lies off the point whose velocity is given."""
    masses, parts = state.body_inertias, state.body_velocities
    turning = parts[:, 1::6] * masses[:, 8::10] - parts[:, 2::6] * masses[:, 7::10]
    return np.sum(masses[:, 9::10] * parts[:, 3::6] + turning, axis=1) / np.sum(masses[:, 9::10], axis=1)


def effort(a):
    waist = a.abdomen_x**2 + a.abdomen_y**2 + a.abdomen_z**2
    right_leg = a.right_hip_x**2 + a.right_hip_y**2 + a.right_hip_z**2 + a.right_knee**2
    left_leg = a.left_hip_x**2 + a.left_hip_y**2 + a.left_hip_z**2 + a.left_knee**2
    right_arm = a.right_shoulder1**2 + a.right_shoulder2**2 + a.right_elbow**2
    left_arm = a.left_shoulder1**2 + a.left_shoulder2**2 + a.left_elbow**2
    return waist + right_leg + left_leg + right_arm + left_arm


def contact(n):
    legs = total(n.right_leg_contact) + total(n.right_foot_contact)
    legs = legs + total(n.left_leg_contact) + total(n.left_foot_contact)
    return total(n.trunk_contact) + legs + total(n.arm_contact)


def total(force):
    return np.sum(force**2, axis=1)
