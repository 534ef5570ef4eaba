"""Opening a drawer: the hand into the handle, and the handle's way towards the robot.

The task is Meta-World's DrawerOpen-v3 (Yu et al. 2019, "Meta-World: A Benchmark and Evaluation for Multi-Task and
Meta Reinforcement Learning"); the reward is our own, over the named fields.
"""


def reward(s, a, n):
    behind = np.linalg.norm(n.hand - n.object - np.array([0, 0.0, -0.01]), axis=1)
    return {
        "approach": -2 * behind,
        "open": 2 * (1 - n.object_to_goal / 0.2),
        "done": np.where(n.object_to_goal <= 0.03, 1.0, 0.0),
    }
