"""The reward of Gymnasium's Pendulum, as named terms: costs of lean, speed and torque.

Source: gymnasium/envs/classic_control/pendulum.py, ``PendulumEnv.step``. As there, lean and speed are
those before the step.
"""


def reward(s, a, n):
    return {
        "lean": -(s.angle**2),
        "speed": -0.1 * s.angular_velocity**2,
        "torque": -0.001 * np.clip(a.torque, -2, 2) ** 2,
    }
