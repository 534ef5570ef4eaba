"""Turns a sentence into a skill, and lets the skill act in its world."""

import skillwright as sw

outcome = sw.run(
    "Balance the pole",
    env="CartPole-v1",
    num_candidates=2,
    num_generations=1,
    total_timesteps=40_000,
    num_held_out=20,
    says=print,
)
print(outcome)

env = outcome.skill.make_env()
observation, _ = env.reset(seed=7)
num_steps, is_over = 0, False
while not is_over:
    observation, _, terminated, truncated, _ = env.step(outcome.act(observation))
    num_steps += 1
    is_over = terminated or truncated
env.close()
print(f"the pole stood for {num_steps} steps")
