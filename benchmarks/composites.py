"""What the library saves on composite tasks: ``python -m benchmarks.composites``, about 25 minutes a seed.

Every task is done twice by the same command: in one home, where what was learned for one task serves the next, and each
in a home of its own, where all of its parts are learned from scratch.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.machine import describe_machine, describe_revision, list_versions
from benchmarks.records import RESULTS, Record, Results
from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import Home
from skillwright.rewards.progress import Silent

__all__ = ["main", "measure"]

NAME: Final = "composites"
ENV: Final = "box2d/LunarLander-v3"
TASKS: Final = (
    "Move over the pad, then land",
    "Hover, then land",
    "Hover, then move over the pad, then land",
    "Move over the pad, then hover",
)


class Measured(NamedTuple):
    """One composite task, in a home that knows what the tasks before it taught."""

    env_steps: int
    """That the task took, trials and judging included."""
    from_scratch: int
    """That it takes where nothing is known: the runs that make a part are the same in any home, so those of parts that
    were reused are counted again, not run again."""
    success_rate: float
    """On held-out episodes."""
    made: tuple[str, ...]
    """Tasks for which a skill was made."""
    reused: tuple[str, ...]
    seconds: float


def measure(seed: int, timesteps: int | None) -> Iterator[tuple[str, Measured]]:
    """Does all tasks one after another in one home.

    Args:
        seed: of all runs.
        timesteps: env steps for each skill that is made; none: the usual budget.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Home.open(Path(folder))
        cost: dict[str, int] = {}
        for text in TASKS:
            request = RunRequest(text=text, env=ENV, seed=seed, total_timesteps=timesteps)
            record = carry_out_run(home, begin_run(home, request), Silent())
            parts = [part for attempt in record.attempts for part in attempt.parts]
            cost |= {part.skill.reference: part.skill.evidence.training_timesteps for part in parts if part.made}
            reused = [part for part in record.parts if part.skill.reference in cost and not part.made]
            yield (
                text,
                Measured(
                    env_steps=record.skill.evidence.training_timesteps,
                    from_scratch=record.skill.evidence.training_timesteps
                    + sum(cost[part.skill.reference] for part in reused),
                    success_rate=record.held_out.success_rate or 0.0,
                    made=tuple(part.sub_task.task for part in parts if part.made),
                    reused=tuple(part.sub_task.task for part in reused),
                    seconds=record.wall_time_s,
                ),
            )


def main() -> None:
    """Measures and appends to the results; prints them as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composites", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--timesteps", type=int, help="env steps for each skill; else the usual budget")
    options = parser.parse_args()
    results = Results(RESULTS)
    for seed in options.seeds:
        for text, measured in measure(seed, options.timesteps):
            print(f"{text}, seed {seed}: {measured}", flush=True)
            results.append(_record(text, seed, options.timesteps, measured))
    print_table([record for record in results.read(NAME) if record.case["timesteps"] == options.timesteps])


def print_table(records: Sequence[Record]) -> None:
    """Prints what was measured.

    Args:
        records: of this benchmark.
    """
    print("| Task | Seed | Made | Reused | Env steps | From scratch | Share | Success |")
    print("| --- | ---: | --- | --- | ---: | ---: | ---: | ---: |")
    for record in records:
        found = Measured(**record.result)  # type: ignore[arg-type]
        share = found.env_steps / found.from_scratch
        print(
            f"| {record.case['task']} | {record.case['seed']} | {', '.join(found.made)} | {', '.join(found.reused)} | "
            f"{found.env_steps:,} | {found.from_scratch:,} | {share:.0%} | {found.success_rate:.0%} |"
        )
    for seed in sorted({str(record.case["seed"]) for record in records}):
        of_seed = [Measured(**record.result) for record in records if str(record.case["seed"]) == seed]  # type: ignore[arg-type]
        share = sum(one.env_steps for one in of_seed) / sum(one.from_scratch for one in of_seed)
        print(f"\nSeed {seed}: all tasks together took {share:.0%} of the env steps of learning each from scratch.")


def _record(text: str, seed: int, timesteps: int | None, measured: Measured) -> Record:
    return Record(
        benchmark=NAME,
        case={"env": ENV, "task": text, "seed": seed, "timesteps": timesteps},
        result={name: list(value) if isinstance(value, tuple) else value for name, value in measured._asdict().items()},
        machine=describe_machine(),
        versions=list_versions(),
        revision=describe_revision(),
        load=0.0,
    )


if __name__ == "__main__":
    main()
