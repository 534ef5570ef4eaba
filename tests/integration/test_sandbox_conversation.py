"""Programs that act: they talk with this side, and can do nothing else."""

from collections.abc import Iterator, Mapping

import pytest

from skillwright.core import ProgramFailed, ProgramRejected
from skillwright.sandbox import Cell, Limits, Sandbox, check_program


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(Limits(wall_s=1.0))
    yield sandbox
    sandbox.close()


class Skills:
    """Counts what is asked for; the state says how often."""

    def __init__(self, most: int = 50) -> None:
        self.asked: list[tuple[str, dict[str, float]]] = []
        self.most = most

    def __call__(self, name: str, values: Mapping[str, float], /) -> dict[str, float | list[float]]:
        self.asked.append((name, dict(values)))
        if len(self.asked) > self.most:
            raise TimeoutError("the world is over")
        return {"x": float(len(self.asked)), "place": [1.0, 2.0]}


def held(sandbox: Sandbox, body: str, head: str = "s, run") -> Cell:
    return sandbox.hold({"skill": f"def skill({head}):\n" + "".join(f"    {line}\n" for line in body.splitlines())})


def converse(cell: Cell, skills: Skills, **options: float) -> None:
    cell.converse({"x": 0.0, "place": [0.0, 0.0]}, options, skills)


def test_a_program_branches_on_the_state_that_a_skill_left(sandbox):
    skills = Skills()
    body = 'while s.x < 3:\n    s = run("go", far=s.x)\nrun("stop", at=s.place[1])'
    converse(held(sandbox, body), skills)
    assert skills.asked == [("go", {"far": k}) for k in (0.0, 1.0, 2.0)] + [("stop", {"at": 2.0})]


def test_options_have_their_defaults_unless_they_are_given(sandbox):
    cell, skills = held(sandbox, 'run("go", far=far)', "s, run, far=0.5"), Skills()
    converse(cell, skills)
    converse(cell, skills, far=2.0)
    assert [options for _, options in skills.asked] == [{"far": 0.5}, {"far": 2.0}]


def test_what_this_side_raises_ends_the_program_and_the_next_one_is_a_new_one(sandbox):
    cell, skills = held(sandbox, 'while True:\n    run("go")'), Skills(most=3)
    with pytest.raises(TimeoutError, match="the world is over"):
        converse(cell, skills)
    with pytest.raises(TimeoutError, match="the world is over"):
        converse(cell, Skills(most=3))
    assert len(skills.asked) == 4


def test_only_the_time_of_the_program_itself_counts(sandbox):
    import time

    def slowly(name: str, values: Mapping[str, float], /) -> dict[str, float | list[float]]:
        time.sleep(0.7)
        return {"x": 1.0}

    held(sandbox, 'run("go")\nrun("go")').converse({"x": 0.0}, {}, slowly)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True:\n    pass", "longer than 1 s.*every loop has to call run"),
        ("for k in range(10**9):\n    run('go')\n    sum(range(10**7))", "longer than 1 s"),
        ("run(3)", "line 2: TypeError: run takes the name of a skill"),
        ("run('go', far='high')", "line 2: TypeError: the option far .* is one number, not str"),
        ("run('go', far=math.inf)", "finite numbers"),
        ("run('go', far=np.ones(3))", "the option far .* is one number"),
        ("run('a' * 1000)", "run takes the name of a skill"),
        ("run('a\\nb')", "run takes the name of a skill"),
        ("run()", "line 2: TypeError"),
        ("s.nothing", "line 2: AttributeError: the state has no field 'nothing'; its fields are x, place"),
        ("s = [run] * 10**9", "MemoryError"),
        ("run('go', **{f'option_{k}': k for k in range(100)})", "at most 32"),
    ],
)
def test_what_makes_no_sense_ends_it_with_a_reason(sandbox, body, why):
    with pytest.raises(ProgramFailed, match=why):
        converse(held(sandbox, body), Skills(most=10**6))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def skill(s):\n    pass", r"must have the parameters \(s, run\)"),
        ("def skill(s, run, *more):\n    pass", r"must have the parameters \(s, run\)"),
        ("def skill(s, run, far):\n    pass", r"must have the parameters \(s, run\)"),
        ("def skill(s, run, far=open):\n    pass", "open"),
        ("def skill(s, run):\n    run.__globals__", "leading underscore"),
        ("def skill(s, run):\n    import os", "import os is not allowed"),
        ("def skill(s, a, n):\n    pass", r"must have the parameters \(s, run\)"),
    ],
)
def test_the_gate_holds_acting_programs_too(source, why):
    with pytest.raises(ProgramRejected, match=why):
        check_program(source, "skill")


def test_a_reward_takes_the_parameters_of_a_reward():
    with pytest.raises(ProgramRejected, match=r"must have the parameters \(s, a, n\)"):
        check_program("def reward(s, run):\n    return {}", "reward")
