"""What the preset of each env card reaches: the card's own learner and budget, on the task's reference reward."""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import JsonValue

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.cpu_time import cpu_time_s
from benchmarks.protocol import Message, Request
from benchmarks.tables import prose, seconds, significant, table
from benchmarks.workers import run_together
from skillwright.compute.executor import Report
from skillwright.core import ProgramFailed
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard, TaskSpec, find_card, list_cards, read_reference
from skillwright.learners import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Program
from skillwright.rewards.sources import ProgramReward

__all__ = ["PRESETS", "PresetCase", "PresetResult", "train"]

_NUM_HELD_OUT: Final = 20
_NUM_SEEDS: Final = 3
_QUICK_WORLD: Final = "classic_control/CartPole-v1"
_QUICK_TIMESTEPS: Final = 10_000


class PresetCase(Case):
    """One policy, trained as a card says on the reference reward of one of its tasks."""

    env_id: str
    task: str
    seed: int
    algorithm: str
    total_timesteps: int
    settings: dict[str, JsonValue]
    """Of the learner, where they differ from its defaults."""
    required_success_rate: float
    programs: str
    """Hash of the reference reward and of the programs that judge; other programs are another case."""

    @property
    def label(self) -> str:
        """World, task, env steps and seed."""
        return f"{self.env_id}, {self.task}, {self.algorithm}, {self.total_timesteps:,} steps, seed {self.seed}"


class PresetResult(Message):
    """How good the policy is on held-out episodes, acting deterministically."""

    fitness: float
    """Mean over the episodes."""
    success_rate: float | None
    """Share of the episodes; none: the task has no success program."""
    env_return: float
    """Mean sum of the world's own reward."""
    timesteps: int
    """Env steps it was trained for."""
    cpu_s: float
    """Of the training, with the processes that hold programs; the first call's compilation included."""


class PresetRequest(Request):
    """What a worker trains and judges."""

    card: EnvCard
    task: str
    reference: str
    """Source of the reward program."""
    seed: int
    total_timesteps: int


def train(text: str, _: Report) -> str:
    """Trains and judges one policy; a ``Function`` of ``skillwright.compute`` for a worker of its own.

    Args:
        text: a ``PresetRequest``.

    Returns:
        A ``PresetResult``.
    """
    request = from_json(PresetRequest, text)
    card, judge = request.card, Judge(request.card, request.task)
    reward = ProgramReward(card, Program(source=request.reference))
    problem = Problem(card=card, score_episodes=judge.score)
    plan = TrainingPlan(total_timesteps=request.total_timesteps, report=lambda timesteps, fitness: None)
    begin = cpu_time_s()
    [trained] = make_learner(card).train(problem, [Entrant(reward, request.seed)], plan)
    return to_json(_result(card, judge, trained, cpu_time_s() - begin))


def _result(card: EnvCard, judge: Judge, trained: TrainedPolicy, cpu_s: float) -> PresetResult:
    if trained.policy is None:
        raise ProgramFailed(trained.failure)
    [episodes] = play_episodes(card, [trained.policy], range(HELD_OUT_SEED, HELD_OUT_SEED + _NUM_HELD_OUT))
    scores = judge.score(episodes)
    successes = [score.success for score in scores if score.success is not None]
    return PresetResult(
        fitness=float(np.mean([score.fitness for score in scores])),
        success_rate=float(np.mean(successes)) if successes else None,
        env_return=float(np.mean([score.env_return for score in scores])),
        timesteps=trained.timesteps,
        cpu_s=cpu_s,
    )


def _cases(size: Size) -> list[PresetCase]:
    """Lists one seed of every task before the second seed of any, so that a broken-off run covers most."""
    cards = [find_card(_QUICK_WORLD)] if size.quick else list_cards()
    return [
        _case(card, name, task, seed, _QUICK_TIMESTEPS if size.quick else card.learner.total_timesteps)
        for seed in range(size.num_repeats(_NUM_SEEDS))
        for card in cards
        for name, task in card.tasks.items()
        if task.reference is not None
    ]


def _case(card: EnvCard, name: str, task: TaskSpec, seed: int, total_timesteps: int) -> PresetCase:
    sources = (read_reference(task), task.success, task.fitness)
    digest = hashlib.sha256("\0".join(source or "" for source in sources).encode()).hexdigest()
    return PresetCase(
        env_id=card.id,
        task=name,
        seed=seed,
        algorithm=card.learner.algorithm,
        total_timesteps=total_timesteps,
        settings=card.learner.model_dump(mode="json")["settings"],
        required_success_rate=task.required_success_rate,
        programs=digest[:16],
    )


def _measure(case: PresetCase) -> PresetResult:
    card = find_card(case.env_id)
    reference = read_reference(card.tasks[case.task])
    assert reference is not None
    request = PresetRequest(
        card=card, task=case.task, reference=reference, seed=case.seed, total_timesteps=case.total_timesteps
    )
    [result] = run_together("benchmarks.presets:train", [request], PresetResult)
    return result


def _render(measured: Sequence[tuple[PresetCase, PresetResult]]) -> str:
    groups: dict[tuple[str, str], list[tuple[PresetCase, PresetResult]]] = {}
    for case, result in measured:
        groups.setdefault((case.env_id, case.task), []).append((case, result))
    newest = [[one for one in group if _setting(one[0]) == _setting(group[-1][0])] for group in groups.values()]
    headings = ["world", "task", "learner", "env steps", "seeds", "fitness", "success", "needed", "reached", "CPU"]
    rows = sorted((_row(group) for group in newest), key=lambda row: row[:2])
    return f"{prose(_METHOD)}\n{table(headings, rows)}"


def _setting(case: PresetCase) -> PresetCase:
    """Gives what must be the same for seeds to stand together."""
    return case.model_copy(update={"seed": 0})


def _row(group: Sequence[tuple[PresetCase, PresetResult]]) -> list[str]:
    case, results = group[0][0], [result for _, result in group]
    rates = [result.success_rate for result in results if result.success_rate is not None]
    num_passed = sum(rate >= case.required_success_rate for rate in rates)
    return [
        case.env_id,
        case.task,
        case.algorithm,
        f"{results[0].timesteps:,}",
        str(len(results)),
        ", ".join(significant(result.fitness) for result in results),
        ", ".join(f"{rate:.0%}" for rate in rates) or "-",
        f"{case.required_success_rate:.0%}" if rates else "-",
        _verdict(num_passed, len(rates)),
        seconds(float(np.mean([result.cpu_s for result in results]))),
    ]


def _verdict(num_passed: int, num_seeds: int) -> str:
    if num_seeds == 0:
        return "no success program"
    verdict = f"{num_passed} of {num_seeds} seeds"
    return verdict if num_passed else f"**{verdict}**"


_METHOD: Final = f"""\
Every task of every env card that has a reference reward: one policy per seed is trained on that reward with the card's
own learner, settings and budget, as a single candidate of a run, and then plays {_NUM_HELD_OUT} held-out episodes
deterministically, which the task's own programs judge. Fitness is in the unit that the task's program says, one value
per seed. A seed has reached a task if its success rate is what the card asks for. Where none has, the budget is too
small for this reward, or the seeds are too few to say; the fitness tells how far it came. Tasks that are not listed
have not been measured. One process of one thread.
"""

PRESETS: Final = Benchmark(
    name="presets",
    title="What the presets reach",
    case_type=PresetCase,
    result_type=PresetResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
