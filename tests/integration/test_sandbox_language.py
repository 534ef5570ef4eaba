"""Attacks in the wider language: the gate lets each through, with reason, for the process and the contract hold it."""

from collections.abc import Iterator

import numpy as np
import pytest

from skillwright.core import ProgramFailed
from skillwright.sandbox import Cell, Limits, Sandbox

from .sandbox_views import NUM, VALUES, VIEWS, Columns


def reward(body: str) -> dict[str, str]:
    return {"reward": "def reward(s, a, n):\n" + "".join(f"    {line}\n" for line in body.splitlines())}


def topped(top: str) -> dict[str, str]:
    return {"reward": f"{top}\n" + rest("")["reward"]}


def rest(body: str) -> dict[str, str]:
    return reward(body + "\nreturn {'x': s.x}")


TIME, MEMORY = r"longer than 0\.5 s.*whole arrays", "MemoryError: .*(more memory than|allocate)"
STACK, CRASH = "RecursionError: .*use a loop", "RecursionError|crashed in native code|no memory that is there"
READ_ONLY = "read-only: begin with a copy"
STOPPED = {
    "loops without end": (rest("while True:\n    pass"), TIME),
    "loops without end, though nothing is wrong": (rest("i = 0\nwhile i < 1:\n    i = i * 1"), TIME),
    "counts for ever": (rest("sum(range(10 ** 15))"), TIME),
    "multiplies loops": (rest("x = any(i < j for i in range(10**6) for j in range(10**6) if i < -1)"), TIME),
    "doubles a comprehension": (rest("x = [0]\nfor i in range(99):\n    x = [q for q in x for _ in x + x]"), MEMORY),
    "computes a huge number": (rest("x = 10 ** 10 ** 9"), TIME),
    "computes a huge number by pow": (rest("x = pow(7, 10 ** 9)"), TIME),
    "computes a huge number bit by bit": (rest("x = 3\nwhile x:\n    x = x * x"), TIME),
    "decomposes a large matrix": (rest("np.linalg.norm(np.ones((1500, 1500)) + np.eye(1500), 2)"), TIME),
    "multiplies large matrices": (rest("x = np.ones((1500, 1500), np.float32)\nwhile x.any():\n    x = x @ x"), TIME),
    "adds up an array that takes no room": (rest("np.broadcast_to(1.0, (10**7, 10**7)).sum()"), TIME),
    "sorts by a slow key": (rest("sorted([1], key=lambda q: sum(range(10**15)))"), TIME),
    "loops at the top": (topped("X = [i for i in range(10**12) if i < 0]"), TIME),
    "grows a list": (rest("x = [0]\nwhile True:\n    x.extend(x)"), MEMORY),
    "grows a list item by item": (rest("x = []\nwhile True:\n    x.append(np.ones(100000))"), MEMORY),
    "grows a text": (rest("x = 'a' * 10**10"), MEMORY),
    "grows a text in a name": (rest("x = 'a'\nwhile True:\n    x = f'{x}{x}'"), MEMORY),
    "lists a huge range": (rest("list(range(10**12))"), MEMORY),
    "makes a huge array": (rest("np.arange(10**12)"), MEMORY),
    "makes a huge array like a small one": (rest("np.ones_like(s.x, shape=(10**6, 10**6))"), MEMORY),
    "makes a huge type": (rest("s.x.astype('S1000000000')"), MEMORY),
    "repeats an array": (rest("np.repeat(s.x, 10**11)"), MEMORY),
    "multiplies out by einsum": (
        rest("x = np.ones(10**5)\nnp.einsum('i,j,k->ijk', x, x, x)"),
        "Memory|too big|too large",
    ),
    "recurses": (rest("reward(s, a, n)"), STACK),
    "recurses by lambda": (rest("f = lambda g: g(g)\nf(f)"), STACK),
    "recurses by a sort key": (rest("f = lambda q: sorted([q], key=f)\nf(1)"), STACK),
    "prints a deep list": (rest("x = []\nfor i in range(100000):\n    x = [x]\nf'{x}'"), "RecursionError"),
    "builds a tower of iterators": (rest("m = []\nfor i in range(300000):\n    m = map(abs, m)\nlist(m)"), CRASH),
    "puts a list into itself": (reward("x = []\nx.append(x)\nreturn {'x': np.array(x)}"), "ValueError|object"),
    "writes into its arguments": (rest("s.x[0] = 7.0"), READ_ONLY),
    "adds to its arguments": (rest("y = s.x\ny += 1"), READ_ONLY),
    "writes through a reshaped argument": (rest("s.x.reshape(2, 4)[0, 0] = 7.0"), READ_ONLY),
    "fills its arguments": (rest("s.x.fill(7.0)"), READ_ONLY),
    "writes by out": (rest("np.add(s.x, 1, out=s.x)"), READ_ONLY),
    "returns a million terms": (
        reward("return {i: 1.0 for i in range(10**6)}"),
        "returned 1000000 terms; return at most 64",
    ),
    "returns objects": (reward("return {'x': s.x.astype('O')}"), "the dtype object: it is not an array of numbers"),
    "returns dates": (reward("return {'x': s.x.astype('M8[s]')}"), "the dtype datetime64"),
    "returns records": (reward("return {'x': np.zeros(8, 'i4,f4')}"), r"the dtype \[\('f0'"),
    "returns a generator": (reward("return {'x': (q for q in s.x)}"), "the dtype object"),
    "returns a state": (reward("return {'x': s}"), "dtype object|no field"),
    "returns a function": (reward("return {'x': lambda: 1}"), "the dtype object"),
    "returns a long name": (reward("return {'x' * 100: s.x}"), "at most 64 characters"),
    "returns a name of many lines": (reward("return {'x\\n': s.x}"), "the name of a term is a text"),
    "returns the same name twice": (reward("return {1: s.x, '1': s.x}"), "a name of its own"),
}
HARMLESS = {
    "evil annotations": (
        {"reward": "def reward(s: open('/x'), a: 1 / 0, n) -> np.save('x'):\n    return {'x': s.x}\n"}
    ),
    "an evil annotation of a constant": topped("Y: open('/etc/passwd') = 1"),
    "evil annotations of items": topped("X = [0]\nX[0]: 1 / 0 = 1\n(Z): 1 / 0 = 2"),
    "an error nobody raises": rest("if s.x[0] > 0:\n    raise ValueError('never')"),
    "an error state that outlives nothing": rest("with np.errstate(all='raise'):\n    pass\nnp.ones(1) / 0"),
    "keywords in a dict": rest("np.add(s.x, 1, **{'dtype': 'float64'})"),
    "a builtin under another name": rest("abs = max = list"),
    "a generator nobody runs": rest("g = (q for q in range(10**15))"),
    "the state as text": rest("x = f'{s} {s!r} {str(n)}'\nassert x == 'the state the state the state'"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=10.0, memory_bytes=128 << 20))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def hasty_sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=0.5, memory_bytes=128 << 20))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sibling() -> Iterator[Cell]:
    opened = Sandbox()
    yield opened.hold(reward("return {'x': np.abs(s.x) + np.mean(s.x)}"))
    opened.close()


def assert_unharmed(sibling: Cell) -> None:
    assert sibling.terms(VIEWS, NUM)["x"].tolist() == (VALUES + VALUES.mean()).tolist()
    assert VALUES.tolist() == list(range(NUM))


@pytest.mark.parametrize("attack", STOPPED)
def test_what_passes_the_gate_is_stopped_with_a_reason(attack, sandbox, hasty_sandbox, sibling):
    sources, said = STOPPED[attack]
    cell = (hasty_sandbox if said is TIME else sandbox).hold(sources)
    with pytest.raises(ProgramFailed, match=said) as caught:
        cell.terms(VIEWS, NUM)
    cell.close()
    assert str(caught.value).isprintable()
    assert_unharmed(sibling)


@pytest.mark.parametrize("attack", HARMLESS)
def test_what_looks_evil_does_nothing(attack, sandbox, sibling):
    assert sandbox.hold(HARMLESS[attack]).terms(VIEWS, NUM)["x"].tolist() == VALUES.tolist()
    assert_unharmed(sibling)


REMEMBERING = {
    "at the top": "MEMORY = []\ndef reward(s, a, n):\n    MEMORY.append(1)\n    return {'x': s.x * len(MEMORY)}\n",
    "in a default": "def f(m=[]):\n    m.append(1)\n    return len(m)\n" + reward("return {'x': s.x * f()}")["reward"],
    "in an array": "M = np.ones(1)\ndef reward(s, a, n):\n    M[0] += 1\n    return {'x': s.x * (M[0] - 1)}\n",
}


@pytest.mark.parametrize("source", REMEMBERING.values(), ids=REMEMBERING)
def test_a_program_remembers_nothing_between_two_calls(source, sandbox):
    cell = sandbox.hold({"reward": source})
    assert [cell.terms(VIEWS, NUM)["x"].tolist() for _ in range(3)] == [VALUES.tolist()] * 3


def test_a_call_after_memory_ran_out_is_answered_as_before(sandbox):
    source = "x = [0]\nwhile s.x[0] == 1:\n    x.extend(x)\nreturn {'x': s.x}"
    cell = sandbox.hold(reward(source))
    hungry = Columns(np.ones(NUM, np.float32))
    with pytest.raises(ProgramFailed, match="MemoryError"):
        cell.terms((hungry,) * 3, NUM)
    assert cell.terms(VIEWS, NUM)["x"].tolist() == VALUES.tolist()
