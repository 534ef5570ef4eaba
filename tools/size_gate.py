"""Fails when a file, a function or a parameter list has grown too long to be read in one sitting."""

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Finding", "check_file", "main"]

MAX_FILE_LINES: Final = 600
MAX_FUNCTION_LINES: Final = 60
MAX_PARAMETERS: Final = 5
COMMAND_FOLDER: Final = "cli"
"""A function below this folder may be a command: its parameters are its options, read one by one."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """One thing that is too long."""

    path: Path
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


def check_file(path: Path) -> list[Finding]:
    """Measures one Python file.

    Args:
        path: the file, in UTF-8.

    Returns:
        What is over its limit, in the order of the file.
    """
    source = path.read_text(encoding="utf-8")
    findings: list[Finding] = []
    num_lines = len(source.splitlines())
    if num_lines > MAX_FILE_LINES:
        findings.append(Finding(path, 1, f"the file has {num_lines} lines; at most {MAX_FILE_LINES}"))
    has_commands = COMMAND_FOLDER in path.parts
    for function in _functions(ast.parse(source, str(path))):
        problems = [*_length_problems(function), *([] if has_commands else _parameter_problems(function))]
        findings += [Finding(path, function.lineno, problem) for problem in problems]
    return findings


def _functions(tree: ast.Module) -> Iterator[Function]:
    found = (node for node in ast.walk(tree) if isinstance(node, Function))
    return iter(sorted(found, key=lambda function: function.lineno))


def _length_problems(function: Function) -> Iterator[str]:
    num_lines = _num_code_lines(function)
    if num_lines > MAX_FUNCTION_LINES:
        yield f"{function.name} has {num_lines} lines without its docstring; at most {MAX_FUNCTION_LINES}"


def _parameter_problems(function: Function) -> Iterator[str]:
    num_parameters = _num_parameters(function)
    if num_parameters > MAX_PARAMETERS:
        yield f"{function.name} has {num_parameters} parameters; above {MAX_PARAMETERS}, make a config object"


def _num_code_lines(function: Function) -> int:
    assert function.end_lineno is not None
    num_lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno is not None
        num_lines -= docstring.end_lineno - docstring.lineno + 1
    return num_lines


def _num_parameters(function: Function) -> int:
    positional = [*function.args.posonlyargs, *function.args.args]
    if positional and positional[0].arg in ("self", "cls"):
        positional = positional[1:]
    return len(positional) + len(function.args.kwonlyargs)


def main(argv: list[str] | None = None) -> int:
    """Measures every Python file below the given folders.

    Args:
        argv: folders; none: the command line's.

    Returns:
        Exit status: 1 if anything is over its limit.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders: list[Path] = parser.parse_args(argv).folders
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    if not files:
        parser.error("there is no Python file below " + ", ".join(map(str, folders)))
    findings = [finding for file in files for finding in check_file(file)]
    print("\n".join(map(str, findings)) or f"{len(files)} files, none too long")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
