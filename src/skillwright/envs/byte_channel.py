"""Messages of bytes over two pipes: eight bytes for the length, then the bytes; nothing is ever unpickled."""

import select
import struct
from dataclasses import dataclass
from typing import IO, Final

__all__ = ["ByteChannel"]

_LENGTH: Final = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class ByteChannel:
    """One end of a conversation with another process."""

    incoming: IO[bytes]
    """Unbuffered, so that ``is_heard`` knows."""
    outgoing: IO[bytes]

    def send(self, message: bytes) -> None:
        """Sends one message.

        Args:
            message: any bytes.

        Raises:
            BrokenPipeError: the other end is gone.
        """
        self.outgoing.write(_LENGTH.pack(len(message)) + message)
        self.outgoing.flush()

    def receive(self) -> bytes:
        """Waits for one message.

        Raises:
            EOFError: the other end is gone.
        """
        [size] = _LENGTH.unpack(self._read(_LENGTH.size))
        return self._read(size)

    def is_heard(self, timeout_s: float) -> bool:
        """Waits until there is something to receive, or the other end is gone.

        Args:
            timeout_s: seconds to wait at most.
        """
        return bool(select.select([self.incoming], [], [], timeout_s)[0])

    def _read(self, size: int) -> bytes:
        whole = bytearray()
        while len(whole) < size:
            piece = self.incoming.read(size - len(whole))
            if not piece:
                raise EOFError("the other end is gone")
            whole += piece
        return bytes(whole)
