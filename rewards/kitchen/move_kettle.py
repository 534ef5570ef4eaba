"""The way that the kettle makes towards being done, and a bonus when it is.

The task is of Gupta et al. 2019, "Relay Policy Learning"; the world's own reward is the bonus alone. The robot is not
told where its hand is, so nothing here leads the hand to the kettle.
"""


def reward(s, a, n):
    before = np.sqrt(
        np.square(s.kettle - np.array([-0.23, 0.75, 1.62])).sum(axis=1)
        + np.square(s.kettle_turn - np.array([0.99, 0, 0, -0.06])).sum(axis=1)
    )
    away = np.sqrt(
        np.square(n.kettle - np.array([-0.23, 0.75, 1.62])).sum(axis=1)
        + np.square(n.kettle_turn - np.array([0.99, 0, 0, -0.06])).sum(axis=1)
    )
    return {"way": 10 * (before - away), "near": -away, "done": np.where(away < 0.3, 1.0, 0.0)}
