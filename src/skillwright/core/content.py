"""Where profiles, cards, prompts, rewards and skills are found: a person's own project, then ours, then plugins'."""

import os
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, Literal, get_args

from skillwright.core.errors import ConfigError, NotFound, storage_errors

__all__ = ["ContentKind", "content_roots", "find_content", "lay_out_project", "list_content"]

ContentKind = Literal["agents", "envs", "prompts", "rewards", "skills"]

_KINDS: Final[tuple[ContentKind, ...]] = get_args(ContentKind)
_MARKER: Final = "skillwright.toml"
_MARKER_TEXT: Final = """\
# This file makes its folder a Skillwright project: what lies beside it in agents/, envs/, prompts/, rewards/
# and skills/ is used before the built-in content of the same name.
"""
_VARIABLE: Final = "SKILLWRIGHT_PROJECT"
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_PLUGINS: Final = "skillwright.envs"
"""Group of entry points that name top-level packages, whose folders ``envs/`` and ``rewards/`` are content too."""
_OF_PLUGINS: Final = frozenset({"envs", "rewards"})


def content_roots(kind: ContentKind) -> list[Path]:
    """Returns the folders that hold content of one kind; what is found in an earlier one wins.

    Args:
        kind: which of the five content folders.

    Raises:
        ConfigError: ``$SKILLWRIGHT_PROJECT`` names no folder.
    """
    project = _project()
    plugins = _plugin_folders() if kind in _OF_PLUGINS else ()
    roots = [_built_in(kind), *(folder / kind for folder in plugins)]
    candidates = roots if project is None else [project / kind, *roots]
    return [folder for folder in dict.fromkeys(candidates) if folder.is_dir()]


def find_content(kind: ContentKind, relative: str) -> Path:
    """Finds one content file.

    Args:
        kind: which of the five content folders.
        relative: path below that folder, with ``/`` between its parts.

    Raises:
        ConfigError: the path leads out of the folder.
        NotFound: no content folder has such a file.
    """
    _refuse_escape(kind, relative)
    for root in content_roots(kind):
        path = root / relative
        if path.is_file():
            return path
    raise NotFound(f"file in {kind}/", relative, list_content(kind, PurePosixPath(relative).suffix))


def list_content(kind: ContentKind, suffix: str) -> dict[str, Path]:
    """Lists the content files of one kind.

    Args:
        kind: which of the five content folders.
        suffix: how the files' names end, such as ``".yaml"``; empty for all.

    Returns:
        Path below the content folder, with ``/`` between its parts, to the file that counts; sorted.
    """
    found: dict[str, Path] = {}
    for root in reversed(content_roots(kind)):
        for path in root.rglob(f"*{suffix}"):
            relative = path.relative_to(root)
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
                found[relative.as_posix()] = path
    return dict(sorted(found.items()))


def lay_out_project(path: Path) -> list[Path]:
    """Makes a folder a project: the marker file and the five empty content folders.

    Args:
        path: the folder, created where it is missing; what is in it stays as it is.

    Returns:
        What was made, in order.

    Raises:
        StorageError: something cannot be created.
    """
    made: list[Path] = []
    with storage_errors(path):
        for folder in (path, *(path / kind for kind in _KINDS)):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                made.append(folder)
        marker = path / _MARKER
        if not marker.exists():
            marker.write_text(_MARKER_TEXT, encoding="utf-8")
            made.append(marker)
    return made


def _project() -> Path | None:
    if chosen := os.environ.get(_VARIABLE):
        folder = Path(chosen).expanduser().absolute()
        if not folder.is_dir():
            raise ConfigError(f"{_VARIABLE} names {folder}, which is not a folder; correct it or unset it")
        return folder
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / _MARKER).is_file()), None)


def _built_in(kind: ContentKind) -> Path:
    """Returns the folder in the installed package, or in the checkout where it runs from source."""
    packaged = _PACKAGE / "_content"
    return (packaged if packaged.is_dir() else _PACKAGE.parents[1]) / kind


@cache
def _plugin_folders() -> tuple[Path, ...]:
    """Returns the folders of packages that bring worlds; they are found without being imported.

    One that is gone brings nothing.
    """
    plugins = sorted(entry_points(group=_PLUGINS), key=lambda plugin: (plugin.name, plugin.value))
    specs = [find_spec(plugin.value.partition(".")[0]) for plugin in plugins]
    return tuple(Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ())


def _refuse_escape(kind: ContentKind, relative: str) -> None:
    path = PurePosixPath(relative)
    windows = PureWindowsPath(relative)
    if path.is_absolute() or windows.anchor or ".." in windows.parts or "\0" in relative or not path.parts:
        raise ConfigError(f"{relative!r} is not a path below {kind}/; write it like folder/name, without '..'")
