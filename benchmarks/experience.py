"""Measures what earlier candidates' experience saves: ``python -m benchmarks.experience [--seeds N] [ENV ...]``.

For each world and seed: rewards that the search writes are trained as an earlier run would, with their episodes kept.
Then other rewards of the search, and the reference reward as a good one that the earlier run lacked, are trained twice
with the same seed and budget: from the beginning, and from what the episodes teach under them. What counts is the env
steps after which a candidate's training episodes reach a fitness for good. Prints Markdown.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from skillwright.core import ArtifactStore, derive_seed
from skillwright.core.errors import SkillwrightError
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard, find_card
from skillwright.envs.catalog import read_reference
from skillwright.learners import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.experience import ExperienceLog, ExperienceShelf, KeepRequest, Lessons, begin_with, gather
from skillwright.rewards.judge import Judge, summarize
from skillwright.rewards.proposers import show
from skillwright.rewards.proposers.search import SearchProposer
from skillwright.rewards.records import Candidate, Program, TrainedShard
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.screens.screener import Screener
from skillwright.rewards.sources import ProgramReward
from skillwright.rewards.training import Job, TrainingRequest, train_shard

_REFERENCE: Final = "reference"


class Setting(NamedTuple):
    """A world, and what is asked of it."""

    env: str
    task: str
    timesteps: int
    """Env steps of each candidate, earlier and new."""
    enough: float
    """Fitness that counts as learned."""


SETTINGS: Final = (
    Setting("CartPole-v1", "balance", 40_000, 0.9),
    Setting("Pendulum-v1", "swing_up", 64_000, 0.75),
)


class Sizes(NamedTuple):
    """How many rewards there are."""

    earlier: int
    new: int


class Row(NamedTuple):
    """One new reward, trained from the beginning and from experience."""

    name: str
    fresh_steps: int | None
    """Env steps to the fitness that is enough; none: not within the budget."""
    warm_steps: int | None
    fresh_fitness: float
    """At the end, on the selection episodes."""
    warm_fitness: float
    start_fitness: float
    """Of the policy it begins with, at no env step."""
    refusal: str
    """Why the screens refuse it on this experience, if they do."""


class Trial(NamedTuple):
    """One seed in one world."""

    log: ExperienceLog
    lessons: Lessons
    rows: list[Row]
    seconds: float
    """To learn one policy from the experience."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("env", nargs="*", help="worlds; by default all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--earlier", type=int, default=6, help="rewards that are trained first")
    parser.add_argument("--new", type=int, default=4, help="rewards that are trained twice, beside the reference")
    asked = parser.parse_args()
    for setting in SETTINGS:
        if not asked.env or setting.env in asked.env:
            sizes = Sizes(asked.earlier, asked.new)
            _print(setting, [trial for seed in range(asked.seeds) if (trial := _try(setting, sizes, seed))])


def _try(setting: Setting, sizes: Sizes, seed: int) -> Trial | None:
    card = find_card(setting.env)
    with tempfile.TemporaryDirectory() as folder:
        _train_earlier(card, setting, Path(folder), sizes.earlier, seed)
        places = ExperienceShelf(Path(folder) / "experience").datasets("earlier")
        try:
            log = gather(places, "the earlier run", card, seed=seed)
        except SkillwrightError as error:
            print(f"{setting.env}, seed {seed}: {error}\n", flush=True)
            return None
        store = ArtifactStore(Path(folder) / "artifacts")
        lessons = Lessons.read(store, store.put(log.to_bytes()), card, setting.task)
    programs = _programs(card, setting, derive_seed(seed, "new"), sizes.new)
    if reference := read_reference(card.tasks[setting.task]):
        programs[_REFERENCE] = Program(source=reference)
    return _compare(card, setting, lessons, programs, seed)


def _programs(card: EnvCard, setting: Setting, seed: int, num: int) -> dict[str, Program]:
    """Has the search write rewards that pass the usual screens."""
    screener = Screener(card, record_random_transitions(card, seed=seed))
    view = show(card, card.tasks[setting.task].text, [])
    found: dict[str, Program] = {}
    for proposal in SearchProposer().propose(view, 3 * num, seed=seed):
        candidate = Candidate(id=f"s{seed}-c{len(found)}", generation=0, **dict(proposal))
        if len(found) < num and screener.screen(candidate).accepted:
            found[candidate.id] = candidate.program
    return found


def _train_earlier(card: EnvCard, setting: Setting, folder: Path, num: int, seed: int) -> None:
    programs = _programs(card, setting, derive_seed(seed, "earlier"), num)
    request = TrainingRequest(
        card=card,
        task=setting.task,
        jobs=[Job(candidate_id=name, program=program, seed=seed) for name, program in programs.items()],
        total_timesteps=setting.timesteps,
        num_selection=24,
        artifacts=str(folder / "artifacts"),
        keep=KeepRequest(folder=str(folder / "experience"), run_id="earlier", stage="g0", max_mb=500.0),
    )
    from_json(TrainedShard, train_shard(to_json(request), lambda _: None))


def _compare(card: EnvCard, setting: Setting, lessons: Lessons, programs: dict[str, Program], seed: int) -> Trial:
    learner, judge = make_learner(card), Judge(card, setting.task)
    sources = [ProgramReward(card, program) for program in programs.values()]
    entrants = [Entrant(source, derive_seed(seed, "training")) for source in sources]
    begun_at = time.perf_counter()
    begun = begin_with(lessons.log, card, learner, entrants, lambda: None)
    seconds = (time.perf_counter() - begun_at) / len(begun)
    plan = TrainingPlan(total_timesteps=setting.timesteps, report=lambda timesteps, fitness: None)
    problem = Problem(card=card, score_episodes=judge.score)
    fresh, warm = (learner.train(problem, one, plan) for one in (entrants, begun))
    starts = [entrant.start for entrant in begun]
    rows = [
        Row(
            name,
            _steps(ours, setting.enough),
            _steps(theirs, setting.enough),
            _fitness(card, judge, [ours.policy])[0],
            _fitness(card, judge, [theirs.policy])[0],
            _fitness(card, judge, [start])[0],
            refusal,
        )
        for name, ours, theirs, start, refusal in zip(
            programs, fresh, warm, starts, _refusals(card, lessons, programs, seed), strict=True
        )
    ]
    print(f"{setting.env}, seed {seed}: {rows}", file=sys.stderr, flush=True)
    return Trial(lessons.log, lessons, rows, seconds)


def _refusals(card: EnvCard, lessons: Lessons, programs: dict[str, Program], seed: int) -> list[str]:
    screener = Screener(card, record_random_transitions(card, seed=seed), ["agreement"])
    screener.recall(lessons.log.episodes, lessons.fitness)
    candidates = [
        Candidate(id=name, generation=0, operator="fresh", program=program) for name, program in programs.items()
    ]
    return [screener.screen(candidate).reason for candidate in candidates]


def _steps(trained: TrainedPolicy, enough: float) -> int | None:
    """Finds the first stretch from which on the mean over three stretches is enough."""
    points = [
        (one.timesteps, float(np.mean([s.fitness for s in one.episodes]))) for one in trained.curve if one.episodes
    ]
    for first in range(len(points) - 2):
        if np.mean([fitness for _, fitness in points[first : first + 3]]) >= enough:
            return points[first][0]
    return None


def _fitness(card: EnvCard, judge: Judge, policies: Sequence[object]) -> list[float]:
    found = []
    for policy in policies:
        if policy is None:
            found.append(float("nan"))
        else:
            [episodes] = play_episodes(card, [policy], selection_seeds(24))  # type: ignore[list-item]
            found.append(summarize(judge.score(episodes)).fitness)
    return found


def _print(setting: Setting, trials: Sequence[Trial]) -> None:
    print(f"## {setting.env}: env steps to fitness {setting.enough}, of {setting.timesteps:,}\n")
    print("| seed | new reward | fresh | from experience | begins at | ends fresh | ends from experience | screened |")
    print("|---|---|---|---|---|---|---|---|")
    for seed, trial in enumerate(trials):
        for row in trial.rows:
            fresh, warm = (f"{one:,}" if one else "never" for one in (row.fresh_steps, row.warm_steps))
            print(
                f"| {seed} | {row.name} | {fresh} | {warm} | {row.start_fitness:.2f} | {row.fresh_fitness:.2f} | "
                f"{row.warm_fitness:.2f} | {'refused' if row.refusal else 'passes'} |"
            )
    print()
    for seed, trial in enumerate(trials):
        rate = trial.lessons.success_rate
        print(
            f"- seed {seed}: {trial.log.described()}; {rate:.0%} of its episodes succeed, so policies "
            f"{'begin with it' if trial.lessons.assess().is_taught else 'begin at random'}; "
            f"{trial.seconds:.1f} s per policy"
            if rate is not None
            else f"- seed {seed}: {trial.log.described()}"
        )
    rows = [row for trial in trials for row in trial.rows]
    for name, chosen in (("all rewards", rows), ("the reference", [one for one in rows if one.name == _REFERENCE])):
        spent = [
            [one or setting.timesteps for one in steps]
            for steps in zip(*((r.fresh_steps, r.warm_steps) for r in chosen), strict=True)
        ]
        fresh_mean, warm_mean = (float(np.mean(one)) for one in spent)
        reached = [
            sum(one is not None for one in steps)
            for steps in zip(*((r.fresh_steps, r.warm_steps) for r in chosen), strict=True)
        ]
        print(
            f"- {name}: {fresh_mean:,.0f} env steps fresh and {warm_mean:,.0f} from experience on the mean "
            f"(never counts as the whole budget); {reached[0]} and {reached[1]} of {len(chosen)} get there"
        )
    print(flush=True)


if __name__ == "__main__":
    main()
