"""The reward of Gymnasium's LunarLander, as named terms.

Source: gymnasium/envs/box2d/lunar_lander.py, ``LunarLander.step``: progress in a shaping of distance,
speed, tilt and leg contacts, less the fuel burnt. In the last step the environment replaces all of this by
-100 (crash or out of view) or +100 (at rest). Programs see that the episode ended but not why, so rest is
taken to be slowness both before and after the last step: an impact can stop the lander dead, but it was
fast before. A lander that topples over very slowly is taken for one at rest; otherwise the sum of the
terms is the environment's own reward.
"""


def reward(s, a, n):
    going_on = 1 - n.terminated
    slow_before = np.abs(s.vx) + np.abs(s.vy) + np.abs(s.angular_velocity) < 0.05
    slow_after = np.abs(n.vx) + np.abs(n.vy) + np.abs(n.angular_velocity) < 0.05
    return {
        "approach": 100 * going_on * (np.hypot(s.x, s.y) - np.hypot(n.x, n.y)),
        "slow_down": 100 * going_on * (np.hypot(s.vx, s.vy) - np.hypot(n.vx, n.vy)),
        "straighten": 100 * going_on * (np.abs(s.angle) - np.abs(n.angle)),
        "touch_down": 10 * going_on * (n.left_contact + n.right_contact - s.left_contact - s.right_contact),
        "fuel": -going_on * (0.3 * a.main + 0.03 * (a.left + a.right)),
        "outcome": n.terminated * (200 * (slow_before & slow_after) - 100),
    }
