import pytest

from skillwright.core import ProgramRejected
from skillwright.envs import list_cards, read_reference
from skillwright.sandbox import check_program
from skillwright.sandbox.language import NUMPY_FUNCTIONS

HEAD = "def reward(s, a, n):\n"

REFUSED = {
    "import": "import os\n" + HEAD + "    return {}",
    "import inside": HEAD + "    import os\n    return {}",
    "dunder walk": HEAD + "    return ().__class__.__mro__",
    "private attribute": HEAD + "    return s._card",
    "private attribute of a field": HEAD + "    return s.x._y",
    "numpy file": HEAD + "    return np.save('x', s.x)",
    "numpy memmap": HEAD + "    return np.memmap('x')",
    "numpy submodule": HEAD + "    return np.ctypeslib.load_library('c', '/')",
    "numpy under another name": HEAD + "    m = np\n    return m.save('x', s.x)",
    "numpy as an argument": "def f(s):\n    return s.save('x')\n" + HEAD + "    return f(np)",
    "numpy put in the state's name": HEAD + "    s = np\n    return s.save('x')",
    "numpy rebound": HEAD + "    np = s\n    return {}",
    "array method that writes": HEAD + "    return s.x.tofile('x')",
    "out argument": HEAD + "    return np.add(s.x, 1, out=s.x)",
    "star arguments": HEAD + "    return np.add(**{'x1': 1})",
    "builtin open": HEAD + "    return open('x')",
    "builtin eval": HEAD + "    return eval('1')",
    "builtin getattr": HEAD + "    return getattr(s, 'x')",
    "format": HEAD + "    return '{0.__class__}'.format(s)",
    "f-string": HEAD + "    return f'{s}'",
    "while": HEAD + "    while True:\n        pass",
    "for": HEAD + "    for i in range(9):\n        pass",
    "comprehension": HEAD + "    return {'x': sum([i for i in range(9)])}",
    "lambda": HEAD + "    return (lambda: 1)()",
    "decorator": "@abs\n" + HEAD + "    return {}",
    "class": "class X:\n    pass\n" + HEAD + "    return {}",
    "try": HEAD + "    try:\n        pass\n    except ValueError:\n        pass",
    "generator": HEAD + "    yield 1",
    "global": HEAD + "    global x\n    x = 1",
    "delete": HEAD + "    del s",
    "walrus": HEAD + "    return (y := 1)",
    "huge constant": HEAD + "    return 10000000000",
    "huge power": HEAD + "    return 9 ** 9999",
    "bytes": HEAD + "    return b'x'",
    "statement at the top": "abs(1)\n" + HEAD + "    return {}",
    "missing entry": "def other(s, a, n):\n    return {}",
    "wrong parameters": "def reward(x):\n    return {}",
    "assignment to an attribute": HEAD + "    s.x = 1\n    return {}",
    "syntax": HEAD + "    return {",
    "null byte": HEAD + "    return '\0'",
    "too long": HEAD + "    return {}\n" + "#" * 20_001,
    "an array method under the state's name": "def put(s, p):\n    return s.dump(p)\n"
    + HEAD
    + "    return put(s.x, 1)",
    "formatting under the state's name": "def fill(s, x):\n    return s.format(x)\n" + HEAD + "    return fill(n.x, s)",
    "the memory behind a view": "def base(n):\n    return n.base\n" + HEAD + "    return base(s.x)",
    "recursion": HEAD + "    return reward(s, a, n)",
    "mutual recursion": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\n" + HEAD + "    return f(1)",
    "a text that grows": HEAD + "    return 'a' * 1000000000",
    "a list that grows": HEAD + "    return [0] * 1000000000",
    "a list that grows by its name": HEAD + "    x = [0]\n    return x * 1000000000",
    "a computed exponent": HEAD + "    return 10 ** (9 ** 9)",
    "an array of any size": HEAD + "    return np.ones_like(s.x, shape=(100000, 100000))",
    "a range of any size": HEAD + "    return np.arange(1000000000)",
    "a type of any size": HEAD + "    return s.x.astype('S1000000')",
    "a builtin as a parameter": "def f(abs):\n    return 1\n" + HEAD + "    return {}",
    "numpy as a parameter": "def f(np):\n    return 1\n" + HEAD + "    return {}",
    "a memory at the top": "memory = [0]\n" + HEAD + "    return {}",
    "a memory in a default": "def f(x=[0]):\n    return x\n" + HEAD + "    return {}",
    "an assigned item": HEAD + "    x = s.x + 0\n    x[0] = 1\n    return {}",
    "a number of 400 digits": HEAD + "    return " + "9" * 400,
    "too deep": HEAD + "    return " + "(" * 3000 + "1" + ")" * 3000,
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_what_is_outside_the_language_is_refused(source):
    with pytest.raises(ProgramRejected):
        check_program(source, "reward")


def test_a_refusal_names_the_line():
    with pytest.raises(ProgramRejected, match=r"line 3: np\.save is not allowed"):
        check_program(HEAD + "    x = 1\n    return np.save('f', x)", "reward")


def test_plain_numpy_over_fields_is_allowed():
    check_program(
        "LIMIT = 0.5\ndef near(x):\n    return np.exp(-np.abs(x) / LIMIT)\n"
        + HEAD
        + "    '''Why.'''\n    d = near(n.x) - near(s.x)\n    d += 0.1 * np.where(n.x > 0, 1.0, -1.0)\n"
        "    return {'near': d, 'fuel': -0.3 * a.main, 'mean': d.mean()}",
        "reward",
    )


def test_every_program_we_ship_is_inside_the_language():
    for card in list_cards():
        for task in card.tasks.values():
            check_program(task.fitness, "fitness")
            if task.success:
                check_program(task.success, "success")
            if source := read_reference(task):
                check_program(source, "reward")


def test_no_allowed_numpy_name_reads_writes_or_loads():
    dangerous = ("save", "load", "file", "memmap", "buffer", "string", "eval", "vectorize", "apply", "lib", "set")
    assert not [name for name in NUMPY_FUNCTIONS if any(word in name for word in dangerous)]
