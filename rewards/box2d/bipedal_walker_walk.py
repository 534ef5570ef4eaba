"""The reward of Gymnasium's BipedalWalker, as named terms.

Source: gymnasium/envs/box2d/bipedal_walker.py, ``BipedalWalker.step``: 130/30 per metre walked, less
tilting and torque; a fall, or leaving at the left end, replaces the step's reward by -100. Two deviations.
The position is not observed, so the way of one step is the hull's velocity after it times 0.02 s, right to
a centimetre and over an episode to a few. And programs see that the episode ended but not why: it is taken
for a fall where the lidar's beam straight down reads less than 0.3 (a walking hull is higher) or the robot
moves backward.
"""


def reward(s, a, n):
    metres = n.vx * 8.3333 * 0.02
    torque = np.abs(a.hip_1) + np.abs(a.knee_1) + np.abs(a.hip_2) + np.abs(a.knee_2)
    fell = n.terminated * ((n.lidar[:, 0] < 0.3) | (n.vx < 0))
    return {
        "forward": (1 - fell) * 130 / 30 * metres,
        "level": (1 - fell) * 5 * (np.abs(s.hull_angle) - np.abs(n.hull_angle)),
        "effort": -(1 - fell) * 0.028 * torque,
        "fall": -100 * fell,
    }
