"""The dense reward of gymnasium-robotics' FetchPush, minus the cube's distance from the goal, and a way to the cube.

Source of the term ``distance``: gymnasium_robotics/envs/fetch/fetch_env.py, ``compute_reward`` with
``reward_type="dense"`` (Plappert et al. 2018, "Multi-Goal Reinforcement Learning"). It says nothing until the cube
moves, so the hand is drawn to the side of the cube that is away from the goal.
"""


def reward(s, a, n):
    way = n.goal - n.object
    behind = n.object - 0.06 * way / (n.object_to_goal[:, None] + 0.001)
    return {
        "distance": -n.object_to_goal,
        "approach": -0.3 * np.linalg.norm(n.hand - behind, axis=1),
        "there": np.where(n.object_to_goal < 0.05, 0.2, 0.0),
    }
