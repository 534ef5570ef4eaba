"""The way that the light's switch makes towards being done, and a bonus when it is.

The task is of Gupta et al. 2019, "Relay Policy Learning"; the world's own reward is the bonus alone. The robot is not
told where its hand is, so nothing here leads the hand to the light's switch.
"""


def reward(s, a, n):
    before = np.linalg.norm(s.light_switch - np.array([-0.69, -0.05]), axis=1)
    away = np.linalg.norm(n.light_switch - np.array([-0.69, -0.05]), axis=1)
    return {"way": 10 * (before - away), "near": -away, "done": np.where(away < 0.3, 1.0, 0.0)}
