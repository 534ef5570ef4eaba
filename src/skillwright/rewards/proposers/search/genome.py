"""A reward program taken apart into weighted terms, and put together again."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from skillwright.rewards.records import Program

__all__ = ["Genome", "Term"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One named summand of a reward."""

    name: str
    expression: str
    """Python expression over ``s``, ``a`` and ``n``."""
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Genome:
    """The terms of a reward that is a plain weighted sum; what evolution recombines."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "Genome":
        """Makes a genome; of terms with the same name the last one counts.

        Args:
            terms: its summands.
        """
        return cls(terms=tuple({term.name: term for term in terms}.values()))

    @classmethod
    def parse(cls, program: Program) -> "Genome | None":
        """Reads the terms of a program that only returns a dict of expressions.

        Args:
            program: any reward program.

        Returns:
            Its terms; none if it holds anything but one function that only returns them.
        """
        module = [node for node in ast.parse(program.source).body if not isinstance(node, ast.Expr)]
        if len(module) != 1 or not isinstance(module[0], ast.FunctionDef):
            return None
        match [node for node in module[0].body if not isinstance(node, ast.Expr)]:
            case [ast.Return(value=ast.Dict(keys=keys, values=values))]:
                named = [
                    (key.value, value) for key, value in zip(keys, values, strict=True) if isinstance(key, ast.Constant)
                ]
                return cls.of(
                    Term(
                        name=str(name),
                        expression=ast.unparse(value),
                        weight=program.weights.get(str(name), 1.0),
                    )
                    for name, value in named
                )
            case _:
                return None

    def program(self, purpose: str) -> Program:
        """Writes the program.

        Args:
            purpose: its docstring: why this reward should produce the behaviour.
        """
        lines = [f'        "{term.name}": {term.expression},' for term in self.terms]
        source = "\n".join(
            ["def reward(s, a, n):", f'    """{_one_line(purpose)}"""', "    return {", *lines, "    }", ""]
        )
        return Program(source=source, weights={term.name: term.weight for term in self.terms})


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")
