"""A whole evolution, made up but shaped like a real one: 3 generations of 16, finals, and a reference."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pytest

from skillwright.agents.run_types import Plan, RunRequest, SubTask
from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, TaskSpec
from skillwright.report import ReportInput
from skillwright.rewards.records import (
    Candidate,
    Contender,
    CurvePoint,
    EvolutionResult,
    Generation,
    Judgement,
    Program,
    Screening,
    Trained,
)
from skillwright.skills.skill import Evidence, Lineage, Skill

SOURCE = '''def reward(s, a, n):
    """Come closer to the pad, slow down on the way, and stay upright; fuel costs a little."""
    distance_before = np.hypot(s.x, s.y)
    distance_after = np.hypot(n.x, n.y)
    speed = np.hypot(n.velocity_x, n.velocity_y)
    return {
        "approach": 10.0 * (distance_before - distance_after),
        "slow": -0.4 * speed / (0.2 + distance_after),  # braking matters most near the ground
        "upright": -0.3 * abs(n.angle),
        "legs": 1.0 * (n.left_leg + n.right_leg),
        "fuel": -0.03 * a.main,
    }
'''
REFERENCE = '''def reward(s, a, n):
    """The shaping of the world's author."""
    before = np.hypot(s.x, s.y) + np.hypot(s.velocity_x, s.velocity_y) + abs(s.angle)
    after = np.hypot(n.x, n.y) + np.hypot(n.velocity_x, n.velocity_y) + abs(n.angle)
    return {"shaping": 100.0 * (before - after), "fuel": -0.3 * a.main}
'''
REFLECTION = """# What happened

The best reward of this generation lands, and hovers for {hover} steps first. Of the programs that failed to
learn, most paid `legs` before the craft was slow.

| term | first | last | share |
|------|------:|-----:|------:|
| approach | -0.02 | 0.11 | 46 % |
| slow | -0.41 | -0.09 | 31 % |
| upright | -0.08 | -0.01 | 12 % |

- **Keep** `approach` as a difference of distances: it cannot be farmed.
- **Change** the scale of `slow`; near the ground it dominates everything.
- **Try** paying for contact only while `speed < 0.1`.
"""
OPERATORS = ("mutate", "crossover", "reweigh", "rewrite", "repair")
TERMS = ("approach", "slow", "upright", "legs", "fuel")
NUM_POINTS = 14


@dataclass(frozen=True)
class Shape:
    """What kind of evolution to make up."""

    num_generations: int = 3
    num_candidates: int = 16
    has_success: bool = True
    has_reference: bool = True
    winner_generation: int | None = None


def judgement(fitness: float, spread: float, *, num_episodes: int, has_success: bool) -> Judgement:
    rate = round(float(np.clip((fitness + 40) / 290, 0, 1)), 2)
    wilson = (max(rate - 0.9 * spread, 0.0), min(rate + 0.6 * spread, 1.0))
    return Judgement(
        num_episodes=num_episodes,
        success_rate=rate if has_success else None,
        success_interval=wilson if has_success else None,
        fitness=fitness,
        fitness_interval=(fitness - 130 * spread, fitness + 120 * spread),
        env_return=fitness * 1.03,
        episode_length=612.4 - fitness,
    )


class Maker:
    """Makes up the records of one evolution."""

    def __init__(self, shape: Shape, seed: int = 7) -> None:
        self.shape = shape
        self.random = np.random.default_rng(seed)
        self.best: list[tuple[float, str]] = []

    def evolution(self) -> EvolutionResult:
        generations = [self.generation(index) for index in range(self.shape.num_generations)]
        ranking = [name for _, name in sorted(self.best, reverse=True)]
        winner = self.pick_winner(generations, ranking)
        ranking = [winner.id, *(name for name in ranking if name != winner.id)]
        finalists = ranking[:3] + (["reference"] if self.shape.has_reference else [])
        tops = {winner.id: 236.0, "reference": 188.0}
        finals = [
            self.trained(name, seed, tops.get(name, 205.0), timesteps=600_000)
            for name in finalists
            for seed in (101, 102, 103)
        ]
        policy = next(run.policy for run in finals if run.candidate_id == winner.id)
        assert policy is not None
        success = self.shape.has_success
        return EvolutionResult(
            generations=generations,
            finals=finals,
            play_off=[
                Contender(
                    candidate_id=run.candidate_id,
                    seed=run.seed,
                    policy=run.policy,
                    judgement=judgement(236.0 - place, 0.06, num_episodes=100, has_success=success),
                )
                for place, run in enumerate(run for run in finals if run.policy and run.candidate_id != "reference")
            ],
            ranking=ranking,
            winner=winner,
            winner_policy=policy,
            held_out=judgement(236.4, 0.06, num_episodes=100, has_success=success),
            reference_held_out=judgement(189.7, 0.09, num_episodes=100, has_success=success)
            if self.shape.has_reference
            else None,
            total_timesteps=9_600_000,
        )

    def pick_winner(self, generations: list[Generation], ranking: list[str]) -> Candidate:
        candidates = {c.id: c for generation in generations for c in generation.candidates}
        eligible = (candidates[name] for name in ranking)
        wanted = self.shape.winner_generation
        return next(c for c in eligible if wanted is None or c.generation == wanted)

    def generation(self, index: int) -> Generation:
        candidates = [self.candidate(index, i) for i in range(self.shape.num_candidates)]
        screenings = [self.screening(c) for c in candidates]
        accepted = [c for c, s in zip(candidates, screenings, strict=True) if s.accepted]
        trained = [self.searched(c, index) for c in accepted]
        self.best += [(run.judgement.fitness, run.candidate_id) for run in trained if run.judgement]
        return Generation(
            index=index,
            candidates=candidates,
            screenings=screenings,
            trained=trained,
            reflection=REFLECTION.format(hover=300 - 80 * index),
        )

    def candidate(self, generation: int, index: int) -> Candidate:
        operator = str(self.random.choice(OPERATORS)) if generation else "fresh"
        elite = [name for _, name in sorted(self.best, reverse=True)[:5]]
        num_parents = 0 if operator == "fresh" else 2 if operator == "crossover" else 1
        parents = [str(p) for p in self.random.choice(elite, num_parents, replace=False)] if elite else []
        weights = {name: round(float(self.random.lognormal(0, 0.4)), 3) for name in TERMS}
        return Candidate.model_validate(
            {
                "id": f"g{generation}-c{index}",
                "generation": generation,
                "operator": operator,
                "parents": parents,
                "rationale": "Distance shrinks, speed costs near the ground, legs count once it is slow.",
                "program": Program(source=SOURCE, weights=weights),
            }
        )

    def screening(self, candidate: Candidate) -> Screening:
        reasons = {
            3: "behaves like g0-c1 on the recorded transitions (rank correlation 0.998)",
            11: "line 4: AttributeError: the state has no field 'altitude'; its fields are x, y, angle",
        }
        reason = reasons.get(int(candidate.id.rpartition("-c")[2]), "")
        return Screening(candidate_id=candidate.id, accepted=not reason, reason=reason)

    def searched(self, candidate: Candidate, generation: int) -> Trained:
        if candidate.id.endswith("-c7"):
            return Trained(
                candidate_id=candidate.id,
                seed=1,
                timesteps=0,
                policy=None,
                curve=[],
                judgement=None,
                failure="the reward was not finite on 12 % of the transitions",
            )
        top = float(self.random.normal(30 + 75 * generation, 75))
        return self.trained(candidate.id, 1, min(top, 228.0), timesteps=200_000)

    def trained(self, name: str, seed: int, top: float, *, timesteps: int) -> Trained:
        top += float(self.random.normal(0, 6))
        return Trained(
            candidate_id=name,
            seed=seed,
            timesteps=timesteps,
            policy=sha256(f"{name} {seed}".encode()).hexdigest(),
            curve=list(self.curve(top, timesteps)),
            judgement=judgement(round(top, 1), 0.14, num_episodes=32, has_success=self.shape.has_success),
        )

    def curve(self, top: float, timesteps: int) -> Iterator[CurvePoint]:
        middle = float(self.random.uniform(0.2, 0.5))
        for i in range(1, NUM_POINTS + 1):
            share = i / NUM_POINTS
            grown = 1 / (1 + np.exp(-9 * (share - middle)))
            fitness = -210 + (top + 195) * grown + float(self.random.normal(0, 11))
            yield CurvePoint(
                timesteps=round(share * timesteps),
                fitness=fitness if i > 1 else None,
                success_rate=float(np.clip((fitness + 20) / 290, 0, 1)) if self.shape.has_success else None,
                reward=0.01 * fitness,
                episode_length=90 + 400 * grown,
                terms={
                    "approach": 0.02 + 0.14 * grown,
                    "slow": -0.34 + 0.27 * grown,
                    "upright": -0.09 + 0.07 * grown,
                    "legs": 0.19 * grown**3,
                    "fuel": -0.012,
                },
            )


def lander_card(*, has_success: bool = True) -> EnvCard:
    return EnvCard(
        id="box2d/LunarLander-v3",
        description="A craft with one main engine and two side engines falls towards a pad.",
        gymnasium_id="LunarLander-v3",
        horizon=1000,
        observation_size=8,
        fields={"x": FieldSpec(index=0, unit="1", range=(-1, 1), role="position", meaning="Sideways.")},
        actions=ActionSpec(kind="discrete", components={"main": ActionComponent(meaning="Fires down.")}),
        tasks={
            "land": TaskSpec(
                text="Land between the flags.",
                success="def success(s, a, n):\n    return bool(n.left_leg[-1] and n.right_leg[-1])\n"
                if has_success
                else None,
                fitness="def fitness(s, a, n):\n    return float(n.env_reward.sum())\n",
            )
        },
    )


def make_report(shape: Shape | None = None) -> ReportInput:
    shape = shape or Shape()
    evolution = Maker(shape).evolution()
    held_out, winner = evolution.held_out, evolution.winner
    text = "Land the lunar lander gently between the flags and keep it upright"
    return ReportInput(
        plan=Plan(
            text=text,
            planner="card-planner",
            sub_tasks=[SubTask(text="Land between the flags.", env_id="box2d/LunarLander-v3", task="land")],
            rationale="One task of one card covers the whole sentence, so one skill is enough.",
        ),
        request=RunRequest(text=text, env="LunarLander-v3", seed=3),
        card=lander_card(has_success=shape.has_success),
        task_name="land",
        evolution=evolution,
        skill=Skill(
            name="land-between-flags",
            version=1,
            status="verified" if shape.has_success else "draft",
            description=text,
            env_id="box2d/LunarLander-v3",
            task="land",
            step_limit=1000,
            card="c" * 64,
            policy=evolution.winner_policy,
            reward_source=winner.program.source,
            reward_weights=winner.program.weights,
            video="d" * 64,
            evidence=Evidence(
                first_seed=1_000_000,
                num_episodes=held_out.num_episodes,
                success_rate=held_out.success_rate,
                success_interval=held_out.success_interval,
                fitness=held_out.fitness,
                fitness_interval=held_out.fitness_interval,
                required_success_rate=0.9,
                training_timesteps=evolution.total_timesteps,
                wall_time_s=171.3,
            ),
            lineage=Lineage(
                run_id="01jd3k7q-land",
                task_text=text,
                planner="card-planner",
                proposer="search-proposer",
                model="none",
                candidate_id=winner.id,
                generation=winner.generation,
                parents=winner.parents,
            ),
            created_at="2026-01-12T10:24:31Z",
        ),
        reference_source=REFERENCE if shape.has_reference else None,
        video=None,
        wall_time_s=171.3,
        notes=("No language model is configured: rewards were written by the search proposer.",),
        versions={"skillwright": "0.1.0", "gymnasium": "1.4.0", "envpool": "1.2.5", "torch": "2.13.0"},
    )


@pytest.fixture
def report() -> ReportInput:
    """A run with a reference and a success program, without a video."""
    return make_report()


@pytest.fixture
def report_of() -> Callable[..., ReportInput]:
    """Makes a report of an evolution of a given shape."""
    return lambda **shape: make_report(Shape(**shape))
