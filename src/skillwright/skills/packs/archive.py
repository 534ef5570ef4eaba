"""Reads a zip file that nobody vouches for, in memory: whatever an honest pack never has is refused."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillwright.skills.packs.manifest import MAX_SKILLS, PackRefused

__all__ = ["Limits", "read_archive"]

_MAX_ENTRIES: Final = 1 + 4 * MAX_SKILLS
_MAX_DIRECTORY: Final = 1 << 20
_MAX_RATIO: Final = 100
_FREE_RATIO: Final = 1 << 16
"""Bytes up to which a file may be packed as tightly as it likes."""
_MAX_NAME: Final = 200
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9@._-]*(/[a-z0-9][a-z0-9@._-]*)*")
_KINDS: Final = (".json", ".py", ".safetensors", ".mp4")
_START: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_SIZE: Final = 22
_END_64_SIZE: Final = 20
_LOCAL_SIZE: Final = 30
_ENCRYPTED: Final = 0x1 | 0x40


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a pack may be."""

    max_bytes: int = 256 << 20
    """Of the file, and of all that is in it together."""


def read_archive(data: bytes, limits: Limits) -> dict[str, bytes]:
    """Reads every file of a zip archive.

    Args:
        data: the archive.
        limits: of its size.

    Returns:
        Name -> content.

    Raises:
        PackRefused: it is no such archive, or has what no pack has.
    """
    if len(data) > limits.max_bytes:
        raise PackRefused(f"the pack is larger than {limits.max_bytes} bytes; allow more with --max-mib")
    _check_frame(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
        raise PackRefused(f"the pack is no zip archive, or a damaged one: {error}") from None
    _check_entries(entries, limits)
    _check_places(data, entries)
    return {entry.filename: _content(data, entry) for entry in entries}


def _check_frame(data: bytes) -> None:
    """Checks the first and the last bytes, before anything parses what lies between."""
    if data[:4] != _START:
        raise PackRefused("the pack is no zip archive: it does not begin like one")
    end = len(data) - _END_SIZE
    if end < 4 or data[end : end + 4] != _END:
        raise PackRefused("the pack is cut off, or something stands after its end")
    if data[end - _END_64_SIZE : end - _END_64_SIZE + 4] == _END_64:
        raise PackRefused("the pack is a zip64 archive; packs are never that large")
    numbers = struct.unpack("<4H2LH", data[end + 4 :])
    disk, first_disk, here, num, size, offset, comment = numbers
    if disk or first_disk or here != num or comment:
        raise PackRefused("the pack is one part of several, or has a comment")
    if num > _MAX_ENTRIES or size > _MAX_DIRECTORY:
        raise PackRefused(f"the pack has too many entries: {num}; at most {_MAX_ENTRIES} are allowed")
    if offset + size != end:
        raise PackRefused("the pack is damaged: its directory is not where it says")


def _check_entries(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > _MAX_ENTRIES:
        raise PackRefused(f"the pack has too many entries: {len(entries)}; at most {_MAX_ENTRIES} are allowed")
    seen: set[str] = set()
    for entry in entries:
        if problem := _name_problem(entry.orig_filename) or _entry_problem(entry):
            raise PackRefused(f"the pack's entry {entry.orig_filename[:_MAX_NAME]!r} {problem}")
        if entry.filename in seen:
            raise PackRefused(f"the pack has two entries called {entry.filename!r}")
        seen.add(entry.filename)
    if sum(entry.file_size for entry in entries) > limits.max_bytes:
        raise PackRefused(f"the pack holds more than {limits.max_bytes} bytes; allow more with --max-mib")


def _name_problem(name: str) -> str:
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "is an absolute path"
    if ".." in name.replace("\\", "/").split("/"):
        return "leads out of the pack"
    if name.endswith("/"):
        return "is a folder; packs have files alone"
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        return "has a name that packs do not use"
    if not name.endswith(_KINDS):
        return f"is of a kind that packs do not hold; they hold {', '.join(_KINDS)}"
    return ""


def _entry_problem(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a symbolic link"
    if kind not in (0, stat.S_IFREG):
        return "is no plain file"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method that packs do not use"
    if entry.file_size > _FREE_RATIO and entry.file_size > _MAX_RATIO * entry.compress_size:
        return f"is packed more than {_MAX_RATIO} times, as zip bombs are"
    return ""


def _check_places(data: bytes, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Checks that no two entries share bytes, and that each is headed by its own name."""
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        begin = entry.header_offset
        if begin < free or data[begin : begin + 4] != _START:
            raise PackRefused(f"the pack's entry {entry.filename!r} lies over another one, or nowhere")
        header = begin + _LOCAL_SIZE
        length = int.from_bytes(data[begin + 26 : begin + 28], "little")
        if data[header : header + length] != entry.orig_filename.encode():
            raise PackRefused(f"the pack's entry {entry.filename!r} has another name where it lies")
        free = _begin(data, entry) + entry.compress_size
    if free > len(data):
        raise PackRefused("the pack is cut off")


def _begin(data: bytes, entry: zipfile.ZipInfo) -> int:
    """Gives the place of an entry's first byte, after its header."""
    name, extra = struct.unpack("<2H", data[entry.header_offset + 26 : entry.header_offset + 30])
    return int(entry.header_offset + _LOCAL_SIZE + name + extra)


def _content(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    begin = _begin(data, entry)
    packed = data[begin : begin + entry.compress_size]
    content = packed if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed, entry)
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise PackRefused(f"the pack's entry {entry.filename!r} is not of the size or content it declares")
    return content


def _inflated(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Unpacks one byte more than declared at most, so that a lie about the size costs no memory."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacker.decompress(packed, entry.file_size + 1)
    except zlib.error as error:
        raise PackRefused(f"the pack's entry {entry.filename!r} is damaged: {error}") from None
    if len(content) == entry.file_size and not (unpacker.eof and not unpacker.unused_data):
        raise PackRefused(f"the pack's entry {entry.filename!r} is not of the size or content it declares")
    return content
