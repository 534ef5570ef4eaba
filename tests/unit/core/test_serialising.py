import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from skillwright.core.serialising import from_json, to_json


class Record(BaseModel):
    value: float
    maybe: float | None = None
    words: tuple[str, ...] = ()
    terms: dict[str, float] = {}


@given(st.floats(allow_nan=False), st.lists(st.text()), st.dictionaries(st.text(), st.floats(allow_nan=False)))
def test_a_record_comes_back_equal(value, words, terms):
    record = Record(value=value, maybe=value, words=tuple(words), terms=terms)
    assert from_json(Record, to_json(record)) == record


def test_a_missing_number_stays_apart_from_no_number():
    copy = from_json(Record, to_json(Record(value=math.nan, maybe=math.nan)))
    assert math.isnan(copy.value)
    assert copy.maybe is not None and math.isnan(copy.maybe)


def test_text_that_is_no_such_record_is_refused():
    with pytest.raises(ValidationError):
        from_json(Record, '{"value": "high"}')
