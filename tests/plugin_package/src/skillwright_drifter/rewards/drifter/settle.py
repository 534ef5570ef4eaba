def reward(s, a, n):
    """Being near the middle, slowly, is what is wanted."""
    return {"near": -abs(n.x), "slow": -0.3 * abs(n.vx)}
