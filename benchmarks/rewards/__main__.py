"""Runs the benchmark of reward design as ``python -m benchmarks.rewards``."""

import sys

from benchmarks.rewards.cli import main

if __name__ == "__main__":
    sys.exit(main())
