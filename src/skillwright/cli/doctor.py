"""``skillwright doctor``: what this machine has, what it lacks, and how to get it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import typer

from skillwright.cli.options import HomeOption, JsonOption, WeakerSandboxOption

__all__ = ["doctor"]

_EXTRAS: Final = {
    "learn": ("torch", "envpool", "gymnasium", "numba", "scipy", "imageio_ffmpeg"),
    "mujoco": ("mujoco",),
    "models": ("langchain", "langchain_openai", "openai"),
    "curves": ("pyarrow", "tensorboard"),
}
"""Extra -> the modules it brings."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """One thing that was looked at."""

    name: str
    is_well: bool
    is_needed: bool
    """Whether nothing can be run without it."""
    said: str


def doctor(home: HomeOption = None, weaker: WeakerSandboxOption = False, as_json: JsonOption = False) -> None:
    """Say what this machine has, what it lacks, and how to get it.

    Exit status: 0 if skills can be made here, 1 if something is missing that they need.

    With --json: a list of objects with `name`, `is_well`, `is_needed` and `said`.
    """
    from rich.text import Text

    from skillwright.cli.display.terminal import print_json, show_listing, table, terminal

    checks: list[Callable[[], Iterator[_Finding]]] = [lambda: _look_at_home(home), _look_at_extras, _look_at_sandbox]
    findings = [finding for check in checks for finding in check()]
    if as_json:
        print_json(findings)
    else:
        listing = table("what", "here", "")
        for finding in findings:
            word, style = (
                ("yes", "green") if finding.is_well else ("NO", "red") if finding.is_needed else ("no", "yellow")
            )
            listing.add_row(finding.name, Text(word, style), finding.said)
        show_listing(terminal(), listing)
    raise typer.Exit(int(any(finding.is_needed and not finding.is_well for finding in findings)))


def _look_at_home(home: object) -> Iterator[_Finding]:
    from pathlib import Path

    from skillwright.core.errors import StorageError
    from skillwright.core.home import Home

    try:
        opened = Home.open(home if isinstance(home, Path) else None)
    except StorageError as error:
        yield _Finding("home folder", False, True, str(error))
    else:
        yield _Finding("home folder", True, True, str(opened.path))


def _look_at_extras() -> Iterator[_Finding]:
    for extra, modules in _EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        said = f"no {', '.join(missing)}; run: pip install 'skillwright[{extra}]'" if missing else ", ".join(modules)
        yield _Finding(f"extra {extra}", not missing, extra == "learn", said)


def _look_at_sandbox() -> Iterator[_Finding]:
    from skillwright.core.errors import SandboxTooWeak
    from skillwright.sandbox import Sandbox

    sandbox = Sandbox()
    try:
        layers = sandbox.survey()
        for name, reason in layers.missing.items():
            yield _Finding(f"sandbox: {name}", not reason, True, reason or "in force")
        reason = layers.bubblewrap
        yield _Finding("sandbox: bubblewrap", not reason, False, reason or "in force")
        layers.require()
    except SandboxTooWeak as error:
        yield _Finding("sandbox", False, True, str(error))
    else:
        yield _Finding("sandbox", True, True, "holds: " + ", ".join(layers.in_force))
    finally:
        sandbox.close()
