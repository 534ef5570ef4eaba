import math

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import CorruptArtifact
from skillwright.learners.tensor_file import write_tensors
from skillwright.learners.tensor_record import read_record, write_record


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    value: float


TENSORS = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3)}


@pytest.mark.parametrize("value", [math.inf, -math.inf, 0.1, 1e-300])
def test_a_record_comes_back_exactly_and_so_do_its_tensors(value):
    note = Note(text="drüben", value=value)
    record, tensors = read_record(Note, write_record(TENSORS, note), name="a note")
    assert record == note
    assert {name: array.tolist() for name, array in tensors.items()} == {"weight": TENSORS["weight"].tolist()}


def test_what_is_not_a_number_stays_so():
    record, _ = read_record(Note, write_record(TENSORS, Note(text="", value=math.nan)), name="a note")
    assert math.isnan(record.value)


def test_a_file_that_pydantic_wrote_is_read():
    note = Note(text="drüben", value=1e-5)
    assert read_record(Note, write_tensors(TENSORS, note.model_dump_json()), name="a note")[0] == note


def test_a_file_of_another_kind_is_refused_by_name():
    with pytest.raises(CorruptArtifact, match="not a note: "):
        read_record(Note, write_tensors(TENSORS, '{"other": 1}'), name="a note")
