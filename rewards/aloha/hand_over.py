"""Handing over: the left hand to the box, the box to the middle, the right hand to the box, the box to the target.

The bimanual arms and their tasks are of Zhao et al. 2023, "Learning Fine-Grained Bimanual Manipulation with Low-Cost
Hardware"; the world and the stages of its reward are of Zakka et al. 2025, "MuJoCo Playground", HandOver. The world's
own reward pays for the progress of such a sum; this one pays for the sum.
"""


def near(distance):
    return np.exp(-10 * distance)


def reward(s, a, n):
    middle = np.linalg.norm(n.box - np.array([0, 0, 0.24]), axis=1)
    passed = 1 / (1 + np.exp(-50 * n.box[:, 0]))
    target = np.linalg.norm(n.box_from_target, axis=1)
    taken = near(n.right_hand_to_box)
    return {
        "left_to_box": near(n.left_hand_to_box) * (1 - passed),
        "right_to_box": taken * np.clip(passed + near(middle), 0, 1),
        "to_middle": 4 * np.maximum(near(middle), passed),
        "to_target": 8 * near(target) * taken * (n.left_hand[:, 0] < 0),
        "dropped": -2 * n.terminated,
    }
