"""Picking a block up: the hand to the block, then, once it is there, the block to the goal.

The stages are those of the world's own reward, of Zakka et al. 2025, "MuJoCo Playground", PandaPickCube; the task is
that of Gallouedec et al. 2021, "panda-gym". One deviation: that reward remembers whether the hand has been at the
block; this one, which remembers nothing, asks whether it is there now.
"""


def reward(s, a, n):
    away = np.linalg.norm(n.goal_from_block, axis=1)
    held = np.clip(1.5 - 25 * n.hand_to_block, 0, 1)
    return {
        "approach": 4 * (1 - np.tanh(5 * n.hand_to_block)),
        "deliver": 8 * held * (1 - np.tanh(5 * away)),
        "lift": 2 * held * np.clip((n.block[:, 2] - 0.03) / 0.1, 0, 1),
        "there": 4 * held * (away <= 0.05),
    }
