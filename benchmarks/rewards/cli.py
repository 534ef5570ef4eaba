"""The command line: measures what is missing, and writes docs/reward-benchmark.md."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.records import RESULTS, Results
from benchmarks.rewards.campaign import Campaign
from benchmarks.rewards.conditions import ABLATIONS, CONDITIONS, choose
from benchmarks.rewards.page import write_pages
from benchmarks.rewards.recording import record_replies
from benchmarks.rewards.scale import FULL, QUICK, Scale
from skillwright.core import UserError

__all__ = ["main"]

_ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = _ROOT / "docs"
HOME: Final = _ROOT / ".bench-rewards"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the benchmark of reward design.

    Args:
        argv: arguments; none: the command line's.

    Returns:
        Exit status: 1 if something could not be measured, 2 for a mistake of the person, 130 if interrupted.
    """
    options = _parser().parse_args(argv)
    results = Results(RESULTS)
    try:
        scale = (QUICK if options.quick else FULL).among(options.tasks)
        num_failed = 0 if options.report_only else _measure(options, scale, results)
        for path in write_pages(results, DOCS):
            print(f"wrote {path}")
        return int(num_failed > 0)
    except KeyboardInterrupt:
        print("\ninterrupted; what has been measured is kept, and the next run goes on from there", file=sys.stderr)
        return 130
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _measure(options: argparse.Namespace, scale: Scale, results: Results) -> int:
    conditions = choose(with_ablations=options.ablations, names=options.conditions)
    if options.record:
        return record_replies(scale, conditions, options.record, HOME)
    return Campaign(scale=scale, conditions=conditions, results=results, home=HOME).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rewards", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="ENV/TASK", help="which tasks; default: those of the size")
    parser.add_argument("--quick", action="store_true", help="4 tasks, small budgets: 15 minutes on 2 cores")
    parser.add_argument("--ablations", action="store_true", help="measure also what each part of the loop is worth")
    names = [one.name for one in (*CONDITIONS, *ABLATIONS)]
    parser.add_argument(
        "--condition", dest="conditions", action="append", default=[], choices=names, help="only this one; repeatable"
    )
    parser.add_argument(
        "--record", metavar="MODEL", help="ask this language model, and keep its replies for everyone to replay"
    )
    parser.add_argument("--report-only", action="store_true", help="only write the page")
    return parser
