"""The way that the sliding door makes towards being done, and a bonus when it is.

The task is of Gupta et al. 2019, "Relay Policy Learning"; the world's own reward is the bonus alone. The robot is not
told where its hand is, so nothing here leads the hand to the sliding door.
"""


def reward(s, a, n):
    before = np.abs(s.slide_cabinet - 0.37)
    away = np.abs(n.slide_cabinet - 0.37)
    return {"way": 10 * (before - away), "near": -away, "done": np.where(away < 0.3, 1.0, 0.0)}
