"""Evolves rewards for a task of a card, watches how it goes, and shows the reward that won."""

import skillwright as sw

stages: list[str] = []

outcome = sw.evolve(
    "CartPole-v1/balance",
    num_candidates=2,
    num_generations=1,
    total_timesteps=40_000,
    num_held_out=20,
    progress=lambda state: stages.append(state.stage),
)
print("stages:", ", ".join(dict.fromkeys(stages)))
print(outcome.skill.manifest.reward_source)
print(f"fitness {outcome.evidence.fitness:.2f} on {outcome.evidence.num_episodes} held-out episodes")
