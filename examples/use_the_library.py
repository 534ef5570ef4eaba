"""Plans, makes a skill once, and has the library serve the same sentence from then on."""

import skillwright as sw

TEXT = "Keep the pole upright"

print(sw.plan(TEXT, env="CartPole-v1").rationale)

first = sw.run(TEXT, env="CartPole-v1", num_candidates=2, num_generations=1, total_timesteps=40_000, num_held_out=20)
again = sw.run(TEXT, env="CartPole-v1", num_held_out=20)
print("reused:", again.is_reused)

for skill in sw.library():
    print(skill)
print("resumed:", sw.resume(first.run_id).skill.reference)
