"""The command line: ``run`` measures, ``report`` writes the page."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.benchmark import Question, Size
from benchmarks.growth import GROWTH
from benchmarks.learning import LEARNING
from benchmarks.limit import LIMIT
from benchmarks.presets import PRESETS
from benchmarks.racing import RACING
from benchmarks.records import RESULTS, Results
from benchmarks.replay import REPLAY
from benchmarks.report import write_page
from benchmarks.running import Order, run
from benchmarks.sandbox import SANDBOX
from benchmarks.speed import SPEED
from skillwright.core import UserError

__all__ = ["QUESTIONS", "main"]

QUESTIONS: Final[tuple[Question, ...]] = (SPEED, LIMIT, LEARNING, GROWTH, RACING, REPLAY, PRESETS, SANDBOX)
PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: arguments; none: the command line's.

    Returns:
        Exit status: 1 if something could not be measured, 2 for a mistake of the person, 130 if interrupted.
    """
    options = _parser().parse_args(argv)
    results = Results(RESULTS / "quick" if options.quick else RESULTS)
    try:
        return _report(results, is_quick=options.quick) if options.command == "report" else _run(options, results)
    except KeyboardInterrupt:
        print("\ninterrupted; what has been measured is kept, and the next run goes on from there", file=sys.stderr)
        return 130
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="measure what has not been measured on this machine")
    names = [question.name for question in QUESTIONS]
    running.add_argument("names", nargs="*", metavar="NAME", help=f"which benchmarks: {', '.join(names)}; default: all")
    running.add_argument("--repeats", type=_positive, help="repeats, or seeds, of each measurement")
    running.add_argument("--match", default="", help="only cases whose label contains this")
    running.add_argument("--again", action="store_true", help="measure also what has been measured")
    reporting = commands.add_parser("report", help="write docs/benchmarks.md from the results")
    for command in (running, reporting):
        command.add_argument(
            "--quick", action="store_true", help="tiny sizes, kept apart, to see that everything works"
        )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _run(options: argparse.Namespace, results: Results) -> int:
    known = {question.name: question for question in QUESTIONS}
    unknown = [name for name in options.names if name not in known]
    if unknown:
        print(f"error: no benchmark is called {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    size = Size(quick=options.quick, repeats=options.repeats)
    chosen = [known[name] for name in options.names] or list(QUESTIONS)
    return int(run(chosen, Order(size=size, match=options.match, again=options.again), results) > 0)


def _report(results: Results, *, is_quick: bool) -> int:
    page = write_page(QUESTIONS, results)
    if is_quick:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
        print(f"wrote {PAGE}")
    return 0
