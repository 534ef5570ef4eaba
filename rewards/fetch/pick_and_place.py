"""The dense reward of gymnasium-robotics' FetchPickAndPlace, minus the distance of the cube, and a way to hold it.

Source of the term ``distance``: gymnasium_robotics/envs/fetch/fetch_env.py, ``compute_reward`` with
``reward_type="dense"`` (Plappert et al. 2018, "Multi-Goal Reinforcement Learning"). It says nothing until the cube
moves, so the hand is drawn over the cube, and its fingers to closing on it.
"""


def reward(s, a, n):
    between = n.hand_to_object < 0.02
    held = between & (n.fingers[:, 0] < 0.03)
    return {
        "distance": -n.object_to_goal,
        "approach": -0.5 * n.hand_to_object,
        "open": np.where(between, 0.0, 2 * np.clip(n.fingers[:, 0], 0, 0.05)),
        "hold": np.where(held, 0.15, 0.0),
        "there": np.where(n.object_to_goal < 0.05, 0.2, 0.0),
    }
