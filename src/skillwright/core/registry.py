"""Named parts that are imported when they are asked for, built in or brought by a plugin."""

import importlib
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar, cast

from skillwright.core.errors import ConfigError, NotFound, UserError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Parts of one kind by name; built-ins and plugins come through the same door.

    Args:
        kind: what is registered, in words, for messages.
        entry_point_group: group in which installed packages declare their parts.
        builtins: name to ``"module:attribute"``. A plugin cannot take a built-in's name.
    """

    def __init__(self, kind: str, entry_point_group: str, builtins: Mapping[str, str]) -> None:
        self._kind = kind
        self._group = entry_point_group
        self._builtins = dict(builtins)

    def names(self) -> list[str]:
        """Returns all registered names, sorted."""
        return sorted({*self._builtins, *self._plugins})

    def resolve(self, name: str) -> T:
        """Imports the part with this name.

        Args:
            name: a registered name.

        Raises:
            NotFound: nothing has this name.
            ConfigError: the plugin that declares it is broken, or several plugins declare it.
            MissingExtra: the part needs a package that is not installed.
        """
        if name in self._builtins:
            return self._load(name, self._builtins[name])
        plugins = self._plugins.get(name)
        if plugins is None:
            raise NotFound(self._kind, name, self.names())
        if len(plugins) > 1:
            sources = " and ".join(sorted(_source(plugin) for plugin in plugins))
            raise ConfigError(f"the {self._kind} {name!r} is declared by {sources}; uninstall all but one")
        return self._load(name, plugins[0].value)

    def check(self) -> dict[str, str | None]:
        """Imports every part.

        Returns:
            For each name what is wrong with it; none where nothing is.
        """
        return {name: self._problem(name) for name in self.names()}

    @cached_property
    def _plugins(self) -> dict[str, list[EntryPoint]]:
        found: dict[str, list[EntryPoint]] = {}
        for plugin in entry_points(group=self._group):
            found.setdefault(plugin.name, []).append(plugin)
        return found

    def _problem(self, name: str) -> str | None:
        built_in = self._builtins.get(name)
        rivals = [plugin for plugin in self._plugins.get(name, ()) if plugin.value != built_in]
        if built_in and rivals:
            return f"{_source(rivals[0])} declares this name too, but it is built in; the built-in is used"
        try:
            self.resolve(name)
        except UserError as error:
            return str(error)
        return None

    def _load(self, name: str, target: str) -> T:
        module, _, attribute = target.partition(":")
        try:
            return cast(T, getattr(importlib.import_module(module), attribute))
        except UserError:
            raise
        except Exception as error:  # what a plugin raises while it is imported is not ours to foresee
            reason = f"{type(error).__name__}: {error}"
            raise ConfigError(f"the {self._kind} {name!r} ({target}) cannot be imported: {reason}") from error


def _source(plugin: EntryPoint) -> str:
    return plugin.dist.name if plugin.dist is not None else plugin.value
