"""Tensors with a record that says what they mean, in one file; the record is checked when it is read."""

from collections.abc import Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from skillwright.core.errors import CorruptArtifact
from skillwright.core.serialising import from_json, to_json
from skillwright.learners.tensor_file import read_tensors, write_tensors

__all__ = ["read_record", "write_record"]

Record = TypeVar("Record", bound=BaseModel)


def write_record(tensors: Mapping[str, NDArray[Any]], record: BaseModel) -> bytes:
    """Writes tensors and what they mean.

    Args:
        tensors: name -> array.
        record: stands in the header.

    Returns:
        The file's bytes; the same content gives the same bytes.
    """
    return write_tensors(tensors, to_json(record))


def read_record(schema: type[Record], data: bytes, *, name: str) -> tuple[Record, dict[str, NDArray[Any]]]:
    """Reads what ``write_record`` wrote.

    Args:
        schema: the class of the record.
        data: the file's bytes.
        name: of such a file, for the error: ``a policy file``.

    Returns:
        The record and the tensors.

    Raises:
        CorruptArtifact: the bytes are not such a file.
    """
    tensors, text = read_tensors(data)
    try:
        return from_json(schema, text), tensors
    except ValidationError as error:
        raise CorruptArtifact(f"not {name}: {error}") from error
