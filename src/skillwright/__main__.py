"""Runs the command line as ``python -m skillwright``."""

import sys

from skillwright.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
