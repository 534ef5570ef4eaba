"""Arguments and options that several commands share."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

__all__ = ["LARGEST_SEED", "HomeOption", "JsonOption", "RunIdArgument", "WeakerSandboxOption"]

LARGEST_SEED: Final = 2**31 - 1
"""Largest seed that every simulator takes."""

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="SKILLWRIGHT_HOME",
        metavar="PATH",
        help="Folder of your skills and runs; without it, your platform's folder for user data.",
    ),
]
"""The home folder of this command."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
"""Whether a program reads the output."""


def _allow_weaker_sandbox(allowed: bool) -> bool:
    """Tells this process and its workers."""
    if allowed:
        from skillwright.sandbox.layers import ALLOW_WEAKER

        os.environ[ALLOW_WEAKER] = "1"
    return allowed


WeakerSandboxOption = Annotated[
    bool,
    typer.Option(
        "--allow-weaker-sandbox",
        callback=_allow_weaker_sandbox,
        help="Run programs although this machine lacks a layer that confines them.",
    ),
]
"""Whether a sandbox that lacks a layer will do."""

RunIdArgument = Annotated[
    str,
    typer.Argument(metavar="RUN_ID", show_default=False, help="Id of the run, or as much of it as is unique."),
]
"""Which run."""
