"""The dense reward of gymnasium-robotics' FetchSlide, minus the puck's distance from the goal, and a way to the puck.

Source of the term ``distance``: gymnasium_robotics/envs/fetch/fetch_env.py, ``compute_reward`` with
``reward_type="dense"`` (Plappert et al. 2018, "Multi-Goal Reinforcement Learning"). It says nothing until the puck
moves, so the hand is drawn to the puck as long as that lies where it began, within the hand's reach.
"""


def reward(s, a, n):
    in_reach = n.object[:, 0] < 1.4
    return {
        "distance": -n.object_to_goal,
        "approach": np.where(in_reach, -0.3 * n.hand_to_object, 0.0),
        "there": np.where(n.object_to_goal < 0.05, 0.2, 0.0),
    }
