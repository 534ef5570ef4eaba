"""This side of a cell: hands one program its arguments, watches the clock, and believes nothing it says."""

import math
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ProgramFailed, SandboxTooWeak
from skillwright.core.tracing import annotate, traced
from skillwright.sandbox.allowlist import mentioned_names
from skillwright.sandbox.arena import Arena, padded
from skillwright.sandbox.inside.program import MAX_TERMS
from skillwright.sandbox.inside.wire import Malformed, pack, read_message
from skillwright.sandbox.language import BUILTINS, EXCEPTIONS
from skillwright.sandbox.layers import Layers
from skillwright.sandbox.nursery import Nursery, bubblewrap

__all__ = ["Cell", "Limits", "Respond", "State", "View"]

_LONGEST_NAME: Final = 64
_MOST_OPTIONS: Final = 32
_LONGEST_REASON: Final = 600
_SMALLEST_ARENA: Final = 1 << 22
_KILLED: Final = 9
_ADVICE: Final = {"converse": "every loop has to call run or to end"}
"""What a program may do -> what to do about too much time, where it is not to compute on whole arrays."""
_SIGNALS: Final = {
    4: "it ran code that this machine does not know",
    6: "it aborted in native code",
    7: "it read memory that is not there",
    8: "it divided integers by zero in native code",
    11: "it crashed in native code",
    24: "it used more CPU time than it may",
    31: "it made a system call that is not allowed",
}


State = Mapping[str, float | list[float]]
"""The fields of a state at one moment, by name."""


class Respond(Protocol):
    """Runs a skill that a program asks for."""

    def __call__(self, name: str, values: Mapping[str, float], /) -> State:
        """Runs it.

        Args:
            name: of the skill, as the program wrote it; a printable text.
            values: its options, finite numbers by name.

        Returns:
            The state afterwards.
        """
        ...


class View(Protocol):
    """Columns by name, as the near side has them."""

    @property
    def label(self) -> str:
        """What it is, in words."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """Names of all columns."""
        ...

    def column(self, name: str) -> NDArray[np.generic]:
        """Gives a column.

        Args:
            name: one of ``names``.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may use."""

    wall_s: float = 10.0
    """Seconds of one call."""
    memory_bytes: int = 512 << 20
    """Beyond what numpy and the arguments take."""
    cpu_s: int = 3600
    """Seconds of CPU time of one process; it is renewed before."""


class Cell:
    """A process that holds programs of one author; it is forked when it is first needed, and again if it died.

    Args:
        find_nursery: gives the nursery that forks it.
        sources: entry -> the program that defines it, as the gate passed it.
        limits: what it may use.
    """

    def __init__(self, find_nursery: Callable[[], Nursery], sources: Mapping[str, str], limits: Limits) -> None:
        self._find_nursery = find_nursery
        self._sources = dict(sources)
        self._limits = limits
        self._mentioned = frozenset[str]().union(*map(mentioned_names, sources.values()))
        self._life: _Life | None = None

    def __del__(self) -> None:
        self.close()

    @traced("sandbox")
    def terms(self, views: Sequence[View], num: int) -> dict[str, NDArray[np.float32]]:
        """Runs the one program, which returns named terms.

        Args:
            views: its arguments.
            num: rows of every column.

        Returns:
            Name -> finite values, shape (num,).

        Raises:
            ProgramFailed: it raised, broke a limit or the contract, or died.
        """
        annotate(does="terms", rows=num)
        life, answer = self._run({"do": "terms"}, views, num, padded(MAX_TERMS * num * 4))
        names = _names(answer)
        values = life.arena.read(np.float32, (len(names), num))
        for name, row in zip(names, values, strict=True):
            num_broken = num - int(np.count_nonzero(np.isfinite(row)))
            if num_broken:
                raise ProgramFailed(
                    f"the term {name!r} is not finite in {num_broken} of {num} rows; keep what is divided by, and the "
                    "arguments of log, sqrt and exp in bounds, as in np.maximum(x, 1e-6) or np.clip(x, -20, 20)"
                )
        return dict(zip(names, values, strict=True))

    @traced("sandbox")
    def numbers(self, views: Sequence[View], ends: Sequence[int]) -> dict[str, NDArray[np.float64]]:
        """Runs programs that return one number for a stretch of rows, on each stretch.

        Args:
            views: their arguments, of all stretches one after another.
            ends: where each stretch ends.

        Returns:
            Entry -> finite numbers, shape (len(ends),).

        Raises:
            ProgramFailed: one raised, broke a limit or the contract, or died; the text begins with its entry.
        """
        annotate(does="numbers", rows=int(ends[-1]), stretches=len(ends))
        message = {"do": "numbers", "ends": [int(end) for end in ends]}
        shape = (len(self._sources), len(ends))
        life, _ = self._run(message, views, int(ends[-1]), padded(8 * shape[0] * shape[1]))
        numbers = dict(zip(self._sources, life.arena.read(np.float64, shape), strict=True))
        for entry, row in numbers.items():
            if not np.isfinite(row).all():
                raise ProgramFailed(f"{entry}: the result is {row[~np.isfinite(row)][0]}, not one finite number")
        return numbers

    @traced("sandbox")
    def converse(self, state: State, options: Mapping[str, float], respond: Respond) -> None:
        """Runs the one program, which acts by asking for skills, from its beginning to its end.

        Args:
            state: at the beginning.
            options: of the program.
            respond: runs what it asks for. Whatever this raises ends the program and is raised here.

        Raises:
            ProgramFailed: it raised, broke a limit or the contract, or died. Its own time, all stretches between two
                skills together, is limited as that of one call.
        """
        annotate(does="converse")
        message = {"do": "converse", "state": dict(state), "options": dict(options)}
        try:
            answer = self._living(0, 0).ask(message)
            while "call" in answer:
                answer = self._living(0, 0).reply({"state": dict(respond(*_call(answer)))})
        except _Died as death:
            self.close()
            raise ProgramFailed(str(death)) from None
        except ProgramFailed:
            raise
        except BaseException:
            self.close()
            raise

    def layers(self, *, required: bool = True) -> Layers:
        """Says what holds the program; forks the cell if it has not been.

        Args:
            required: refuse if a layer is missing and the person has not allowed it.

        Raises:
            SandboxTooWeak: it is refused, or no process starts.
        """
        try:
            return self._living(0, 0, must_hold=required).layers
        except _Died as death:
            self.close()
            raise SandboxTooWeak(f"no program can be held here: {death}") from None

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self._life:
            self._life.end()
            self._life = None

    def _run(
        self, message: Mapping[str, object], views: Sequence[View], num: int, output_bytes: int
    ) -> tuple["_Life", Mapping[str, object]]:
        columns = [{name: view.column(name) for name in view.names if name in self._mentioned} for view in views]
        if not any(columns):
            columns[0] = {
                "": np.zeros(num, np.float32)
            }  # a program that looks at nothing must still know how many rows
        room = sum(padded(array.nbytes) for one in columns for array in one.values())
        reason = ""
        for _ in range(2):
            try:
                life = self._living(room, output_bytes)
                life.arena.clear()
                described = [_describe(life.arena, view, one) for view, one in zip(views, columns, strict=True)]
                return life, life.ask({**message, "views": described})
            except _Died as death:
                self.close()
                reason = str(death)
                if not death.may_be_chance:
                    break
            except KeyboardInterrupt:
                self.close()  # its answer may still be under way
                raise
        raise ProgramFailed(reason)

    def _living(self, input_bytes: int, output_bytes: int, *, must_hold: bool = True) -> "_Life":
        if self._life and not self._life.serves(input_bytes, output_bytes):
            self.close()
        if self._life is None:
            self._life = life = self._begin(input_bytes, output_bytes)
            try:
                if must_hold:
                    life.layers.require()
                life.ask({"do": "load", "sources": self._sources, "in_reach": sorted(BUILTINS | EXCEPTIONS)})
            except (ProgramFailed, SandboxTooWeak):
                self.close()
                raise
        return self._life

    def _begin(self, input_bytes: int, output_bytes: int) -> "_Life":
        arena = Arena(_room(input_bytes), _room(output_bytes))
        try:
            return _Life(self._find_nursery(), arena, self._limits)
        except (EOFError, OSError, Malformed) as error:
            arena.close()
            raise _Died(f"its process did not start: {type(error).__name__}", may_be_chance=True) from None


class _Died(Exception):
    """Says how a cell ended."""

    def __init__(self, reason: str, *, may_be_chance: bool = False) -> None:
        super().__init__(reason)
        self.may_be_chance = may_be_chance
        """Whether something other than the program may have ended it."""


class _Life:
    """One process of a cell, from its fork to its end."""

    def __init__(self, nursery: Nursery, arena: Arena, limits: Limits) -> None:
        self.arena = arena
        self._nursery = nursery
        self._limits = limits
        self._worked_s = 0.0
        self._left_s = limits.wall_s
        self._does_numbers = False
        self._advice = ""
        self._channel, theirs = socket.socketpair()
        order = {
            "inputs": arena.input_bytes,
            "outputs": arena.output_bytes,
            "memory": limits.memory_bytes,
            "cpu_s": limits.cpu_s,
        }
        with theirs:
            descriptors = [theirs.fileno(), arena.input_descriptor, arena.output_descriptor]
            self._pid = nursery.fork(descriptors, order)
        missing = self._hear(time.monotonic() + limits.wall_s)["layers"]
        assert isinstance(missing, dict)
        self.layers = Layers(missing, bubblewrap()[1])

    def serves(self, input_bytes: int, output_bytes: int) -> bool:
        """Says whether there is room, and CPU time left."""
        has_room = input_bytes <= self.arena.input_bytes and output_bytes <= self.arena.output_bytes
        return has_room and self._worked_s < self._limits.cpu_s / 2

    def ask(self, message: Mapping[str, object]) -> Mapping[str, object]:
        """Has the cell do something; from now on the program's time counts."""
        self._left_s = self._limits.wall_s
        self._does_numbers = message["do"] == "numbers"
        self._advice = _ADVICE.get(str(message["do"]), "compute on whole arrays, not row by row")
        return self.reply(message)

    def reply(self, message: Mapping[str, object]) -> Mapping[str, object]:
        """Answers what the cell asked back; only its own time counts."""
        begin = time.monotonic()
        try:
            self._channel.settimeout(self._limits.wall_s)
            self._channel.sendall(pack(message))
            answer = self._hear(begin + self._left_s)
        except TimeoutError:
            raise _Died(f"it ran longer than {self._limits.wall_s:g} s and was stopped; {self._advice}") from None
        except Malformed as error:
            raise _Died(f"it answered with what is no message: {error}") from None
        except (EOFError, OSError):
            raise self._death() from None
        worked_s = time.monotonic() - begin
        self._worked_s += worked_s
        self._left_s -= worked_s
        if "error" in answer:
            raise ProgramFailed(_reason(answer["error"], with_entry=self._does_numbers))
        return answer

    def end(self) -> Mapping[str, object]:
        status = self._nursery.end(self._pid)
        self._channel.close()
        self.arena.close()
        return status

    def _hear(self, deadline: float) -> dict[str, object]:
        def read(num_bytes: int) -> bytes:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            return self._channel.recv(num_bytes)

        return read_message(read)

    def _death(self) -> _Died:
        status = self._nursery.end(self._pid)
        number = status.get("signal")
        if number == _KILLED or not status:
            return _Died("its process was killed from outside, twice", may_be_chance=True)
        if isinstance(number, int):
            return _Died(f"{_SIGNALS.get(number, 'its process died')} (signal {number})")
        return _Died(f"it ended its process (exit code {status.get('exit')})")


def _describe(arena: Arena, view: View, columns: Mapping[str, NDArray[np.generic]]) -> dict[str, object]:
    arrays = {name: (arena.write(array), array.shape, array.dtype.str) for name, array in columns.items()}
    return {"label": view.label, "names": list(view.names), "arrays": arrays}


def _names(answer: Mapping[str, object]) -> list[str]:
    """Reads the names of the terms, which a program may have made up."""
    names = answer.get("names")
    if not isinstance(names, list) or not 1 <= len(names) <= MAX_TERMS or len(set(map(repr, names))) != len(names):
        raise ProgramFailed(f"a program returns at most {MAX_TERMS} terms, each with a name of its own")
    for name in names:
        if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
            raise ProgramFailed(f"the name of a term is a text of at most {_LONGEST_NAME} characters")
    return names


def _call(answer: Mapping[str, object]) -> tuple[str, dict[str, float]]:
    """Reads which skill a program asks for; it may ask for anything."""
    name, options = answer["call"], answer.get("options")
    if not isinstance(name, str) or not name.isprintable() or not isinstance(options, dict):
        raise ProgramFailed("run takes the name of a skill, and its options as numbers")
    are_numbers = all(isinstance(one, float) and math.isfinite(one) for one in options.values())
    if len(options) > _MOST_OPTIONS or not are_numbers or not all(map(str.isidentifier, options)):
        raise ProgramFailed(f"the options of {name} are at most {_MOST_OPTIONS} finite numbers, each with a name")
    return name, options


def _reason(error: object, *, with_entry: bool) -> str:
    """Reads what a program says of its error; it may say anything."""
    if not isinstance(error, dict):
        return "it failed without saying how"
    line, kind, message = error.get("line"), str(error.get("type", "")), str(error.get("message", ""))
    which = f"{error.get('entry', '')}: " if with_entry else ""
    where = f"line {line}: " if isinstance(line, int) and line > 0 else ""
    text = which + where + (f"{kind}: {message}" if kind else message)
    return "".join(character if character.isprintable() else " " for character in text)[:_LONGEST_REASON]


def _room(num_bytes: int) -> int:
    """Gives the size of an arena with some room to grow: a power of two."""
    return max(_SMALLEST_ARENA, 1 << math.ceil(math.log2(max(1, num_bytes))))
