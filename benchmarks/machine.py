"""What a measurement was made on: machine, versions, state of the code."""

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from benchmarks.protocol import Message
from skillwright.compute import count_cores

__all__ = ["Machine", "describe_machine", "describe_revision", "list_versions"]

_PACKAGES: Final = (
    "skillwright",
    "numpy",
    "numba",
    "torch",
    "envpool",
    "gymnasium",
    "stable-baselines3",
    "mujoco",
    "Box2D",
)


class Machine(Message):
    """The hardware; measurements of different machines are never mixed."""

    cpu: str
    num_cores: int
    """Cores this process may use."""
    memory_gib: int
    system: str


def describe_machine() -> Machine:
    """Describes this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return Machine(cpu=_cpu(), num_cores=count_cores(), memory_gib=round(memory), system=platform.system())


def list_versions() -> dict[str, str]:
    """Lists the versions of Python and of the packages that matter to a measurement, if they are there."""
    versions = {"Python": ".".join(map(str, sys.version_info[:3]))}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def describe_revision() -> str:
    """Names the commit of the sources, with a plus if they differ from it; empty outside a git checkout."""
    commit = _git("rev-parse", "--short", "HEAD")
    return f"{commit}+" if commit and _git("status", "--porcelain", "src") else commit


def _cpu() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _git(*arguments: str) -> str:
    root = Path(__file__).resolve().parents[1]
    command = ["git", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
