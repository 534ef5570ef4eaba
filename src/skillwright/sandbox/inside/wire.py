"""Messages between the two sides: a length, then JSON; both sides read with care."""

import json
import struct
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["LONGEST_MESSAGE", "Malformed", "pack", "read_message"]

LONGEST_MESSAGE: Final = 1 << 20
"""Bytes."""

_LENGTH: Final = struct.Struct("<I")


class Malformed(Exception):
    """Says that what came is no message."""


def pack(message: Mapping[str, object]) -> bytes:
    """Writes a message as bytes.

    Args:
        message: of JSON values.
    """
    body = json.dumps(message).encode()
    return _LENGTH.pack(len(body)) + body


def read_message(read: Callable[[int], bytes]) -> dict[str, object]:
    """Reads one message.

    Args:
        read: gives at most so many of the next bytes, and none at the end.

    Raises:
        EOFError: the other side is gone.
        Malformed: what came is no message.
    """
    (length,) = _LENGTH.unpack(_exactly(read, _LENGTH.size))
    if length > LONGEST_MESSAGE:
        raise Malformed(f"a message of {length} bytes")
    try:
        message = json.loads(_exactly(read, length))
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from None
    if not isinstance(message, dict):
        raise Malformed(type(message).__name__)
    return message


def _exactly(read: Callable[[int], bytes], num_bytes: int) -> bytes:
    parts = []
    while num_bytes:
        part = read(num_bytes)
        if not part:
            raise EOFError
        parts.append(part)
        num_bytes -= len(part)
    return b"".join(parts)
