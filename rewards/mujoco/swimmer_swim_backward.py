"""Swimming backward: the reward of Gymnasium's Swimmer with its forward term turned round.

Written for this card, after gymnasium/envs/mujoco/swimmer_v5.py.
"""


def reward(s, a, n):
    return {"backward": -(s.vx + n.vx) / 2, "effort": -0.0001 * (a.front_joint**2 + a.rear_joint**2)}
