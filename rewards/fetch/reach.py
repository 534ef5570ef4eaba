"""The dense reward of gymnasium-robotics' FetchReach: minus the distance from the hand to the goal.

Source: gymnasium_robotics/envs/fetch/fetch_env.py, ``compute_reward`` with ``reward_type="dense"`` (Plappert et al.
2018, "Multi-Goal Reinforcement Learning").
"""


def reward(s, a, n):
    return {"distance": -n.hand_to_goal}
