import builtins
import re
import types
from pathlib import Path

import numpy as np
import pytest

from skillwright.core import ProgramRejected
from skillwright.envs import list_cards, read_reference
from skillwright.sandbox import check_program
from skillwright.sandbox.language import BUILTINS, LINALG_FUNCTIONS, MATH_FUNCTIONS, NUMPY_FUNCTIONS

HEAD = "def reward(s, a, n):\n"


def body(*lines: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in lines) + "    return {'x': s.x}\n"


REFUSED = {
    "import": ("import os\n" + body(), "line 1: import os is not allowed; np and math are there already"),
    "import under another name": ("import numpy\n" + body(), "import numpy is not allowed; np and math"),
    "import beside numpy": ("import numpy as np, os\n" + body(), "import numpy as np, os is not allowed"),
    "import of functions": ("from math import sqrt\n" + body(), "from math import sqrt is not allowed"),
    "import inside": (body("import os"), "line 2: import os is not allowed"),
    "relative import": ("from .typing import Dict\n" + body(), "nothing else may be imported"),
    "dunder walk": (body("().__class__.__mro__"), "line 2: the attribute __class__ is not allowed"),
    "dunder under a full-width letter": (body("ｓ.__ｃlass__"), "the attribute __class__ is not allowed"),
    "dunder name under a full-width letter": (body("__ｉmport__('os')"), "the name __import__ is not allowed"),
    "dunder name": (body("__builtins__"), "the name __builtins__ is not allowed"),
    "dunder parameter": (body("f = lambda __x: __x"), "the name __x is not allowed"),
    "dunder keyword": (body("dict(__class__=1)"), "the name __class__ is not allowed"),
    "private attribute": (body("s._columns"), "the attribute _columns is not allowed"),
    "private attribute in an f-string": (body("f'{s.x.__class__}'"), "the attribute __class__ is not allowed"),
    "private attribute in a format": (body("f'{1:{s._rows}}'"), "_rows is not allowed|this format is not allowed"),
    "a generator's frame": (body("(q for q in [1]).gi_frame"), "the attribute gi_frame is not allowed"),
    "a frame's globals": (body("s.x.f_globals"), "the attribute f_globals is not allowed"),
    "a generator's throw": (body("(q for q in [1]).throw(1)"), "the attribute throw is not allowed"),
    "numpy file": (body("np.save('x', s.x)"), r"np\.save is not allowed; write it with plain functions"),
    "numpy submodule": (body("np.ctypeslib.load_library('c', '/')"), r"np\.ctypeslib is not allowed"),
    "numpy randomness": (body("np.random.normal()"), r"np\.random is not allowed; leave the noise out"),
    "numpy loop": (body("np.vectorize(abs)(s.x)"), r"np\.vectorize is not allowed; compute on whole arrays"),
    "numpy memory that nobody wrote": (body("np.empty(3)"), r"np\.empty is not allowed; use np\.zeros"),
    "numpy under another name": (body("x = np", "x.load('f')"), r"line 2: np may only be used as np\.NAME"),
    "numpy as an argument": (body("(lambda m: m.load)(np)"), r"np may only be used as np\.NAME"),
    "numpy in a list": (body("[np][0].load"), r"np may only be used as np\.NAME"),
    "numpy in an f-string": (body("f'{np}'"), r"np may only be used as np\.NAME"),
    "linear algebra under another name": (body("g = np.linalg", "g.svd(s.x)"), r"np\.linalg is not allowed; use"),
    "linear algebra that is slow": (
        body("np.linalg.svd(s.x)"),
        r"np\.linalg\.svd is not allowed; use np\.linalg\.norm",
    ),
    "math under another name": (body("m = math"), r"math may only be used as math\.NAME"),
    "a factorial": (body("math.factorial(10**9)"), r"math\.factorial is not allowed"),
    "combinations": (body("math.comb(10**9, 10**8)"), r"math\.comb is not allowed"),
    "numpy rebound": (body("np = s"), "np may not be given another meaning"),
    "numpy as a parameter": ("def f(np):\n    return 1\n" + body(), "np may not be given another meaning"),
    "math as a loop variable": (body("for math in [1]:", "    pass"), "math may not be given another meaning"),
    "math as a function": ("def math():\n    return 1\n" + body(), "math may not be given another meaning"),
    "array method that writes": (body("s.x.tofile('x')"), "the attribute tofile is not allowed; use a function of np"),
    "array method that writes, by a helper": ("def put(s, p):\n    return s.dump(p)\n" + body(), "dump is not allowed"),
    "the memory behind a view": ("def base(n):\n    return n.base\n" + body(), "the attribute base is not allowed"),
    "a class as a base": (body("np.ndarray((3,))"), r"np\.ndarray is not allowed; it may stand in isinstance"),
    "a type's methods": (body("np.float32.tobytes(s.x)"), "the attribute tobytes is not allowed"),
    "flags": (body("s.x.flags.writeable = True"), "may not be assigned|flags is not allowed"),
    "builtin open": (body("open('x')"), "the name open is not defined here"),
    "builtin eval": (body("eval('1')"), "the name eval is not defined here; write the expression itself"),
    "builtin getattr": (body("getattr(s, 'x')"), "the name getattr is not defined here; write the name of the field"),
    "builtin type": (body("type(s)"), "the name type is not defined here; use isinstance"),
    "print": (body("print(s.x)"), "the name print is not defined here; leave it out"),
    "another library": (body("torch.norm(s.x)"), "the name torch is not defined here; use np"),
    "format": (body("'{0.__class__}'.format(s)"), "the attribute format is not allowed; write an f-string"),
    "format by map": (body("'{x}'.format_map({})"), "the attribute format_map is not allowed"),
    "format under the state's name": ("def f(s, x):\n    return s.format(x)\n" + body(), "format is not allowed"),
    "percent on a text": (body("'%s' % s"), "% on a text is not allowed; write an f-string"),
    "a wide format": (body("f'{1:1000000000}'"), r"this format is not allowed; use none, or a short one such as :\.2f"),
    "a computed format": (body("f'{1:{9}}'"), "this format is not allowed"),
    "decorator": ("@abs\n" + body(), "decorators are not allowed; write the function without one"),
    "class": ("class X:\n    pass\n" + body(), "line 1: class is not allowed; write functions"),
    "try": (body("try:", "    pass", "except ValueError:", "    pass"), "try is not allowed; guard the computation"),
    "caught error": (body("try:", "    pass", "except ValueError as e:", "    e.__traceback__"), "try is not allowed"),
    "error that carries": (body("raise ValueError(s)"), "an error may only carry a text"),
    "error from another": (body("raise ValueError('x') from s"), "raise is only allowed with a plain error"),
    "error of another kind": (body("raise SystemExit(1)"), "raise is only allowed|SystemExit is not defined"),
    "error as a value": (body("e = ValueError"), r"ValueError is not defined here; it may only be raised"),
    "assertion that carries": (body("assert s.x, s"), "an error may only carry a text"),
    "generator": (body("yield 1"), "yield is not allowed; return a list"),
    "coroutine": ("async def f():\n    await f()\n" + body(), "async def is not allowed; write def"),
    "global": (body("global x"), "global is not allowed; pass the value as an argument"),
    "nonlocal": (body("def f():", "    nonlocal s"), "nonlocal is not allowed; pass the value as an argument"),
    "delete": (body("del s"), "line 2: del is not allowed; leave the value alone"),
    "walrus": (body("(y := 1)"), "the operator := is not allowed; assign on a line of its own"),
    "walrus in a comprehension": (body("[y := y2 for y2 in [s]]"), "the operator := is not allowed"),
    "match by attribute": (body("match s:", "    case float(real=r):", "        pass"), "match is not allowed; use if"),
    "match by dunder": (body("match s:", "    case float(__class__=r):", "        pass"), "match is not allowed"),
    "with a file": (body("with s.x as f:", "    pass"), r"with is only allowed as with np\.errstate"),
    "with a name": (body("with np.errstate() as f:", "    pass"), r"with is only allowed as with np\.errstate"),
    "with a callback": (body("with np.errstate(call=abs):", "    pass"), r"with is only allowed as with np\.errstate"),
    "errstate as a value": (body("e = np.errstate"), r"np\.errstate is not allowed; write with np\.errstate"),
    "set": (body("{1, 2}"), "a set is not allowed; use a list or a tuple"),
    "set by name": (body("set([1])"), "the name set is not defined here; use a list or a tuple"),
    "shift": (body("1 << 99"), "line 2: the operator << is not allowed"),
    "bytes": (body("b'x'"), "a constant of type bytes is not allowed"),
    "complex": (body("1j"), "a constant of type complex is not allowed"),
    "statement at the top": ("abs(1)\n" + body(), "only imports, constants and functions may stand at the top"),
    "loop at the top": ("for i in [1]:\n    pass\n" + body(), "only imports, constants and functions may stand at"),
    "main at the top": (body() + "if __name__ == '__main__':\n    pass\n", "line 3: only imports, constants"),
    "missing entry": ("def other(s, a, n):\n    return {}", r"does not define reward\(s, a, n\); write def reward"),
    "wrong parameters": ("def reward(x):\n    return {}", r"reward must have the parameters \(s, a, n\)"),
    "star parameters": ("def reward(s, a, n, *rest):\n    return {}", r"reward must have the parameters \(s, a, n\)"),
    "a parameter more": ("def reward(s, a, n, w=1):\n    return {}", r"reward must have the parameters \(s, a, n\)"),
    "assignment to an attribute": (body("s.x = 1"), "the attribute x may not be assigned; put the value into"),
    "assignment to an attribute by a loop": (body("for s.x in [1]:", "    pass"), "x may not be assigned"),
    "assignment to a function's attribute": (body("f = abs", "f.memory = 1"), "memory may not be assigned"),
    "syntax": (HEAD + "    return {", "line 2: '{' was never closed"),
    "null byte": (HEAD + "    return '\0'", "null bytes"),
    "too long": (body() + "#" * 20_001, "longer than 20000 characters; write a shorter one"),
    "too many nodes": (body("x = [" + "1," * 5000 + "]"), "more than 4000 syntax nodes; write a shorter one"),
    "too deep": (HEAD + "    return " + "(" * 3000 + "1" + ")" * 3000, "too many nested parentheses|recursion"),
}

ALLOWED = {
    "an import that does nothing": "import numpy as np\nimport math\nfrom typing import Dict, Tuple\n" + body(),
    "an import inside a function": body("import numpy as np", "from numpy.typing import NDArray"),
    "annotations, which nobody evaluates": "def f(x: open('/etc/passwd')) -> np.anything[0]:\n    return x\n" + body(),
    "an annotated entry": "def reward(s: (lambda q: q), a: 'Action', n) -> dict[str, float]:\n    return {'x': s.x}\n",
    "an odd text": body("x = '\\d'"),
    "an annotated variable": "LIMIT: Dict[str, float] = {'x': 1.0}\n" + body("y: np.ndarray = s.x", "z: float"),
    "functions under another name": body("f = np.linalg.norm", "g = np.where", "f(s.x)"),
    "a function in a list": body("[np.exp, np.tanh][0](s.x)"),
    "a lambda called where it stands": body("(lambda q, k=2: q * k)(s.x)"),
    "a state under another name": "def f(state):\n    return state.vx\n" + body("f(s)", "[v.x for v in (s, n)]"),
    "a builtin given another meaning": body("sum = 0.0", "max = np.max(s.x)"),
    "star arguments": body("np.add(*[s.x, n.x], **{'dtype': np.float32})", "np.stack([*[s.x]])", "{**{}}"),
    "out": body("np.divide(s.x, n.x, out=np.zeros_like(s.x), where=n.x != 0)"),
    "errors": body("assert s.x.ndim == 1, f'{s.x.shape}'", "if 0:", "    raise ValueError('why')"),
    "isinstance": body("isinstance(s.x, (np.ndarray, float))", "isinstance(1, np.floating)"),
    "errstate": body("with np.errstate(divide='ignore'):", "    s.x / 0"),
    "formats": body("f'{1:02d}{2.0:.2f}{s.x.shape!r:>9}'"),
    "reduce": body("np.logical_and.reduce([s.x > 0, n.x > 0])"),
    "ellipsis and newaxis": body("s.v[..., 0]", "s.x[:, None]", "s.x[np.newaxis]"),
}


@pytest.mark.parametrize(("source", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_outside_the_language_is_refused_with_what_to_write(source, said):
    with pytest.raises(ProgramRejected, match=said) as caught:
        check_program(source, "reward")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("source", ALLOWED.values(), ids=ALLOWED)
def test_what_is_safe_is_allowed(source):
    check_program(source, "reward")


def test_the_first_refusal_by_line_is_told():
    with pytest.raises(ProgramRejected, match=r"^line 3: np\.save"):
        check_program(body("x = 1", "np.save('f', x)", "open(x)"), "reward")


def test_every_program_we_ship_is_inside_the_language():
    for card in list_cards():
        for task in card.tasks.values():
            check_program(task.fitness, "fitness")
            if task.success:
                check_program(task.success, "success")
            if source := read_reference(task):
                check_program(source, "reward")


def test_every_field_of_every_card_can_be_named():
    for card in list_cards():
        for name in (*card.fields, "terminated"):
            check_program(body(f"s.{name}"), "reward")


def test_no_allowed_numpy_name_reads_writes_or_loads():
    dangerous = ("save", "load", "file", "memmap", "buffer", "string", "eval", "vectorize", "apply", "lib", "random")
    assert not [name for name in NUMPY_FUNCTIONS | MATH_FUNCTIONS if any(word in name for word in dangerous)]
    assert not [name for name in NUMPY_FUNCTIONS if isinstance(getattr(np, name), types.ModuleType)]


def attributes_let_through(value: object) -> list[str]:
    """Lists the attributes of a value that a program may ask for."""
    names = [name for name in dir(value) if re.fullmatch("[a-zA-Z]\\w*", name)]
    allowed = []
    for name in names:
        try:
            check_program(body(f"q = 0\n    q.{name}"), "reward")
        except ProgramRejected:
            continue
        allowed.append(name)
    return allowed


def test_allowed_attributes_lead_to_values_and_nowhere_else():
    array = np.ones((2, 2), np.float32)
    reached: list[object] = [
        array,
        array[0, 0],
        array.dtype,
        1,
        1.5,
        True,
        "t",
        [1],
        (1,),
        {"x": 1},
        {}.items(),
        range(2),
    ]
    reached += [slice(1), (q for q in [1]), lambda q: q, len, zip([]), enumerate([]), map(abs, []), array.sum, ...]
    reached += [getattr(np, name) for name in NUMPY_FUNCTIONS]
    reached += [np.linalg.norm, *(getattr(builtins, name) for name in sorted(BUILTINS))]
    seen: dict[tuple[type, str], object] = {}
    while reached:
        value = reached.pop()
        kind = value if isinstance(value, type) else type(value)
        for name in () if (kind, "") in seen else attributes_let_through(value):
            if (kind, name) not in seen:
                seen[kind, name] = getattr(value, name)
                reached.append(seen[kind, name])
        seen[kind, ""] = value
    carriers = (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType, memoryview)
    assert (np.ndarray, "T") in seen
    assert not [place for place, value in seen.items() if isinstance(value, carriers)]
    assert not [name for _, name in seen if name in {"tofile", "tobytes", "ctypes", "data", "base", "flags", "view"}]


def test_the_words_of_the_language_exist():
    assert all(hasattr(np, name) for name in NUMPY_FUNCTIONS)
    assert all(hasattr(np.linalg, name) for name in LINALG_FUNCTIONS)


def test_the_page_about_the_language_lists_what_python_offers():
    page = (Path(__file__).resolve().parents[3] / "docs" / "sandbox.md").read_text()
    assert f"`{' '.join(sorted(BUILTINS))}`" in page
