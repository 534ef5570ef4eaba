"""Makes generations that look as if they had been trained."""

from skillwright.rewards.records import Candidate, CurvePoint, Generation, Judgement, Program, Screening, Trained


def judgement(fitness):
    return Judgement(
        num_episodes=2, success_rate=0.0, success_interval=(0, 1), fitness=fitness, fitness_interval=(0, 1),
        env_return=0.0, episode_length=1.0,
    )  # fmt: skip


def curve(rewards, fitness, terms=("up", "still")):
    return [
        CurvePoint(
            timesteps=100 * (i + 1), reward=reward, fitness=value, episode_length=10.0,
            terms=dict.fromkeys(terms, reward / len(terms)),
        )
        for i, (reward, value) in enumerate(zip(rewards, fitness, strict=True))
    ]  # fmt: skip


def candidate(name, *, author="one", source="def reward(s, a, n):\n    return {}\n", weights=()):
    return Candidate(
        id=name, generation=int(name[1]), operator="fresh", author=author, rationale=f"The idea of {name}.",
        program=Program(source=source, weights=dict(weights)),
    )  # fmt: skip


def generation(*members, reflection="What it taught."):
    """Takes pairs of a candidate and its fitness; none: it failed in training."""
    trained = [
        Trained(
            candidate_id=one.id, seed=0, timesteps=1000, policy=f"policy {one.id}" if fitness is not None else None,
            curve=curve([0.0, 1.0], [fitness, fitness]) if fitness is not None else [],
            judgement=None if fitness is None else judgement(fitness),
            failure="it blew up" if fitness is None else "",
        )
        for one, fitness in members
    ]  # fmt: skip
    return Generation(
        index=members[0][0].generation,
        candidates=[one for one, _ in members],
        screenings=[Screening(candidate_id=one.id, accepted=True) for one, _ in members],
        trained=trained,
        reflection=reflection,
    )
