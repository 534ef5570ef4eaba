"""The reward of Gymnasium's CartPole: 1 for every step.

Source: gymnasium/envs/classic_control/cartpole.py, ``CartPoleEnv.step``. The step that fails is paid too,
as there.
"""


def reward(s, a, n):
    return {"alive": np.ones_like(n.x)}
