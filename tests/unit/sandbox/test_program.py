from types import SimpleNamespace

import numpy as np
import pytest

from skillwright.core import ProgramFailed
from skillwright.sandbox import compile_program

STATE = SimpleNamespace(x=np.array([1.0, -2.0], np.float32))


def call(body: str):
    return compile_program(f"def reward(s, a, n):\n    {body}\n", "reward")(STATE, STATE, STATE)


def test_a_program_computes():
    assert call("return {'x': 2 * np.abs(s.x)}")["x"].tolist() == [2.0, 4.0]


def test_an_error_comes_back_with_type_message_and_line():
    with pytest.raises(ProgramFailed, match=r"line 2: ZeroDivisionError: division by zero"):
        call("return 1 / 0")


def test_a_missing_field_says_what_is_missing():
    with pytest.raises(ProgramFailed, match=r"AttributeError: .*'y'"):
        call("return s.y")


def test_a_helper_above_the_reward_can_be_called():
    source = "SCALE = -2.0\ndef near(x):\n    return SCALE * x\ndef reward(s, a, n):\n    return near(s.x)\n"
    assert compile_program(source, "reward")(STATE, STATE, STATE).tolist() == [-2.0, 4.0]


def test_a_constant_that_cannot_be_computed_is_a_failure_of_the_program():
    with pytest.raises(ProgramFailed, match="ZeroDivisionError"):
        compile_program("G = 1 / 0\ndef reward(s, a, n):\n    return {}\n", "reward")


def test_numerical_trouble_is_no_warning():
    assert np.isinf(call("return np.log(0.0 * s.x)")).all()


def test_numpy_functions_that_import_on_first_use_work():
    assert call("return np.median(s.x)") == -0.5
    assert call("return np.percentile(s.x, 50)") == -0.5
