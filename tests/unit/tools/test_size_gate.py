import subprocess
import sys
from pathlib import Path

import pytest

GATE = Path(__file__).resolve().parents[3] / "tools" / "size_gate.py"


def run_gate(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(GATE), str(folder)], capture_output=True, text=True, check=False)


def function_with(num_lines: int, docstring: str = "") -> str:
    body = ([f'    """{docstring}"""'] if docstring else []) + ["    x = 1"] * (num_lines - 1)
    return "\n".join(["def work():", *body]) + "\n"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n" * 600,
        function_with(60),
        function_with(60, docstring="Works.\n\n    One more.\n    "),
        "def work(a, b, *, c, d, e): ...\n",
        "class Box:\n    def __init__(self, a, b, c, d, e): ...\n",
    ],
    ids=["lines", "function", "docstring is free", "parameters", "self is free"],
)
def test_what_is_within_the_limits_passes(tmp_path: Path, source: str) -> None:
    (tmp_path / "module.py").write_text(source)

    result = run_gate(tmp_path)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = 1\n" * 601, "module.py:1: the file has 601 lines"),
        ("\n" + function_with(61), "module.py:2: work has 61 lines"),
        ("async " + function_with(61), "module.py:1: work has 61 lines"),
        ("def work(a, b, *, c, d, e, f): ...\n", "module.py:1: work has 6 parameters"),
        ("class Box:\n    def put(self, a, b, c, d, e, f): ...\n", "module.py:2: put has 6 parameters"),
    ],
    ids=["lines", "function", "async function", "parameters", "method"],
)
def test_what_is_over_a_limit_fails_with_its_place(tmp_path: Path, source: str, complaint: str) -> None:
    (tmp_path / "module.py").write_text(source)

    result = run_gate(tmp_path)

    assert result.returncode == 1
    assert complaint in result.stdout


def test_the_options_of_commands_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "module.py").write_text("def run(a, b, c, d, e, f): ...\n")

    assert run_gate(tmp_path).returncode == 0


def test_a_folder_without_python_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    assert run_gate(tmp_path).returncode == 2
