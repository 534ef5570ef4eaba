"""A cell: the process that holds one program. It is confined first; then it hears the program and runs it on demand."""

import mmap
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.sandbox.inside import program as programs
from skillwright.sandbox.inside.confinement import confine_self, keep_only
from skillwright.sandbox.inside.conversation import Talk, converse
from skillwright.sandbox.inside.views import find_columns
from skillwright.sandbox.inside.wire import pack, read_message

__all__ = ["Descriptors", "live"]


class Descriptors(NamedTuple):
    """What a cell gets from the other side."""

    channel: int
    """Socket for messages."""
    inputs: int
    """Memory that this side cannot write."""
    outputs: int
    """Memory for results."""


def live(descriptors: Descriptors, order: Mapping[str, int]) -> None:
    """Serves the other side until it is gone; never returns.

    Args:
        descriptors: what is kept of all that was inherited.
        order: ``inputs`` and ``outputs``, the sizes of the memory; ``memory`` and ``cpu_s``, the limits.
    """
    inputs = mmap.mmap(descriptors.inputs, order["inputs"], flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
    outputs = mmap.mmap(descriptors.outputs, order["outputs"], flags=mmap.MAP_SHARED)
    channel = keep_only(descriptors.channel)
    layers = confine_self(order["memory"], order["cpu_s"])
    _send(channel, {"layers": layers})

    def hear() -> dict[str, object]:
        try:
            return read_message(lambda num: os.read(channel, num))
        except EOFError:
            os._exit(0)

    def talk(message: Mapping[str, object]) -> Mapping[str, object]:
        _send(channel, message)
        return hear()

    cell = _Cell(memoryview(inputs), np.frombuffer(outputs, np.uint8), talk)
    while True:
        _send(channel, cell.answer(hear()))


class _Cell:
    """The programs, once they have been heard."""

    def __init__(self, inputs: memoryview, outputs: NDArray[np.uint8], talk: Talk) -> None:
        self._inputs = inputs
        self._outputs = outputs
        self._talk = talk
        self._programs: dict[str, programs.Program] = {}
        self._entry = ""
        self._answers: Mapping[str, Callable[..., Mapping[str, object]]] = {
            "load": self._load,
            "terms": self._terms,
            "numbers": self._numbers,
            "converse": self._converse,
        }

    def answer(self, message: dict[str, object]) -> Mapping[str, object]:
        """Does what a message asks, whatever a program does about it."""
        try:
            return self._answers[str(message.pop("do"))](**message)
        except BaseException as error:
            return {"error": {**programs.describe(error), "entry": self._entry}}

    def _load(self, sources: Mapping[str, str], in_reach: list[str]) -> Mapping[str, object]:
        for self._entry, source in sources.items():
            self._programs[self._entry] = programs.load(source, in_reach)
        return {}

    def _terms(self, views: list[Mapping[str, object]]) -> Mapping[str, object]:
        [self._entry] = self._programs
        columns = [find_columns(self._inputs, view) for view in views]
        return {"names": programs.write_terms(self._programs[self._entry], self._entry, columns, self._outputs)}

    def _numbers(self, views: list[Mapping[str, object]], ends: list[int]) -> Mapping[str, object]:
        columns = [find_columns(self._inputs, view) for view in views]
        size = len(self._programs) * len(ends)
        rows = self._outputs[: 8 * size].view(np.float64).reshape(len(self._programs), len(ends))
        for row, entry in zip(rows, self._programs, strict=True):
            self._entry = entry
            programs.write_numbers(self._programs[entry], entry, columns, ends, row)
        return {}

    def _converse(self, state: Mapping[str, object], options: Mapping[str, float]) -> Mapping[str, object]:
        [self._entry] = self._programs
        converse(self._programs[self._entry], self._entry, state, options, self._talk)
        return {}


def _send(channel: int, message: Mapping[str, object]) -> None:
    data = pack(message)
    while data:
        data = data[os.write(channel, data) :]
