"""The way that the knob makes towards being done, and a bonus when it is.

The task is of Gupta et al. 2019, "Relay Policy Learning"; the world's own reward is the bonus alone. The robot is not
told where its hand is, so nothing here leads the hand to the knob.
"""


def reward(s, a, n):
    before = np.linalg.norm(s.bottom_left_burner - np.array([-0.88, -0.01]), axis=1)
    away = np.linalg.norm(n.bottom_left_burner - np.array([-0.88, -0.01]), axis=1)
    return {"way": 10 * (before - away), "near": -away, "done": np.where(away < 0.3, 1.0, 0.0)}
