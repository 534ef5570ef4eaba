"""The terminal's face: it parses, calls what is below, and prints; nothing is decided here."""

import sys

__all__ = ["main"]


def main() -> int:
    """Runs the command line.

    Returns:
        Exit status: 0 it worked; 1 it did not; 2 the person has to change something; 130 interrupted.
    """
    try:
        from skillwright.cli.entry import run_command_line

        return run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
