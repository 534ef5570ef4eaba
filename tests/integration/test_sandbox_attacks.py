"""Attacks on the sandbox: the gate refuses each, and with the gate switched off the process alone holds it.

Without the gate a program still finds Python's own functions: numpy's modules hold them.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillwright.core import ProgramFailed, ProgramRejected
from skillwright.sandbox import Cell, Limits, Sandbox

from .sandbox_views import NUM, VALUES, VIEWS

ESCAPE = """
def reward(s, a, n):
    b = np.average.__wrapped__.__globals__["__builtins__"]
    b = b if b.__class__.__name__ == "dict" else b.__dict__
    imported = b["__import__"]
    os, sys, open_ = imported("os"), imported("sys"), b["open"]
    PermissionError, BaseException, TypeError = b["PermissionError"], b["BaseException"], b["TypeError"]
"""


def escaping(body: str) -> str:
    """Writes a program that has found Python's own functions, and then attacks."""
    return ESCAPE + "".join(f"    {line}\n" for line in body.splitlines()) + "    return {'x': s.x}\n"


def plain(body: str) -> str:
    return "def reward(s, a, n):\n" + "".join(f"    {line}\n" for line in body.splitlines())


OUTSIDE = "a file of the person"
ESCAPED = {
    "reads a file": "open_('/etc/passwd').read()",
    "reads through a descriptor": "os.open('/proc/self/environ', os.O_RDONLY)",
    "lists a folder": "os.listdir('/')",
    "writes a file": "open_('{tmp}/written', 'w')",
    "writes through numpy": "np.save('{tmp}/written.npy', s.x)",
    "reads through numpy": "np.fromfile('/etc/passwd', np.uint8)",
    "maps a file": "np.memmap('/etc/passwd', np.uint8)",
    "removes a file": "os.remove('{tmp}/precious')",
    "changes a file's mode": "os.chmod('{tmp}/precious', 0)",
    "connects": "imported('socket').create_connection(('127.0.0.1', {port}), 1)",
    "makes a socket natively": (
        "c = imported('ctypes')\nc.CDLL(None, use_errno=True)\n"
        "if c.CDLL(None).socket(2, 1, 0) < 0: raise PermissionError('no socket')"
    ),
    "forks": "os.fork()",
    "executes": "os.execv('/bin/true', ['true'])",
    "spawns": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "starts a thread": "imported('_thread').start_new_thread(len, ('',))",
    "signals its parent": "os.kill(os.getppid(), 9)",
    "signals everyone": "os.kill(-1, 9)",
    "signals the tests": "os.kill({parent}, 9)",
    "traces natively": (
        "c = imported('ctypes')\nif c.CDLL(None).ptrace(16, {parent}, 0, 0) < 0: raise PermissionError('no ptrace')"
    ),
    "raises its own limits": "imported('resource').setrlimit(imported('resource').RLIMIT_CPU, (-1, -1))",
    "maps executable memory": "imported('mmap').mmap(-1, 4096, prot=7)",
    "shrinks the shared memory": "os.ftruncate(3, 0)",
    "ends its process": "os._exit(0)",
    "exits": "sys.exit(0)",
    "crashes natively": "imported('ctypes').string_at(0)",
    "aborts": "os.abort()",
    "recurses without end": "f = lambda g: g(g)\nf(f)",
    "eats memory": "x = b['bytearray'](1 << 40)",
    "eats a little more memory than it may": "x = b['bytearray'](160 << 20)",
    "eats memory in pieces": "x = [b['bytearray'](1 << 20) for i in b['range'](100000)]",
    "loops without end": "while True: pass",
    "computes a huge number": "x = 10 ** 10 ** 9",
    "catches all and goes on": "while True:\n    try: 1 / 0\n    except BaseException: pass",
    "closes its channel": "os.close(3)",
    "answers with rubbish": "os.write(3, b'\\xff' * 100)\nwhile True: pass",
    "floods its channel": "while True: os.write(3, b'x' * 65536)",
    "answers with a huge length": "os.write(3, b'\\xff\\xff\\xff\\x7f')\nwhile True: pass",
    "lies about its terms": (
        'm = b\'{{"names": ["x", "x", 3]}}\'\nos.write(3, m.__len__().to_bytes(4, \'little\') + m)\nwhile True: pass'
    ),
    "raises an error that lies": "raise b['type']('E', (b['Exception'],), {{'__str__': lambda self: 1}})()",
}
PLAIN = {
    "imports": "import os\nreturn {'x': s.x}",
    "walks to object": "().__class__.__mro__[1].__subclasses__()\nreturn {'x': s.x}",
    "formats its way in": "'{0.__class__}'.format(s)\nreturn {'x': s.x}",
    "writes an f-string": "f'{s.__class__}'\nreturn {'x': s.x}",
    "decorates": "@len\ndef f(q):\n    return q\nreturn {'x': s.x}",
    "takes a generator's frame": "g = (q for q in (1,))\ng.gi_frame.f_back\nreturn {'x': s.x}",
    "subscripts a class": "np.ndarray.__class_getitem__(int)\nreturn {'x': s.x}",
    "carries an object in an error": "raise Exception(s)",
    "writes into its arguments": "s.x[0] = 7.0\nreturn {'x': s.x}",
    "unlocks its arguments": "s.x.flags.writeable = True\nreturn {'x': s.x}",
    "writes by out": "np.add(s.x, 1, out=s.x)\nreturn {'x': s.x}",
    "writes by an index": "np.add.at(s.x, [0], 1)\nreturn {'x': s.x}",
    "returns objects": "return {'x': np.array([s] * 8)}",
    "returns a longer array": "return {'x': np.concatenate((s.x, s.x))}",
    "returns text": "return {'x': 'text'}",
    "returns too many terms": "return {str(i): s.x for i in range(1000)}",
    "returns a name that clears the screen": "return {'\\x1b[2J': s.x}",
    "returns what is not finite": "return {'x': s.x * np.inf}",
    "computes a factorial": "math.factorial(10 ** 9)\nreturn {'x': s.x}",
    "chooses from many": "math.comb(10 ** 9, 5 * 10 ** 8)\nreturn {'x': s.x}",
    "decomposes matrices without end": "while True:\n    np.linalg.svd(np.ones((300, 300)))",
    "hides its errors": "while True:\n    try: 1 / 0\n    except: pass",
    "takes the base by a pattern": "match s.x:\n    case np.ndarray(base=b):\n        b[0] = 7.0\nreturn {'x': s.x}",
    "assigns in a comprehension": "[np := 1 for q in s.x]\nreturn {'x': np.abs(s.x)}",
    "removes what is in reach": "del np\nreturn {'x': np.abs(s.x)}",
    "reaches a class by its item": "np.ndarray[int].__origin__((10 ** 12,))\nreturn {'x': s.x}",
    "names its terms by a walk": "return {f'{s.__class__.__mro__}': s.x}",
    "loads a library": "np.ctypeslib.load_library('libc', '/')\nreturn {'x': s.x}",
    "loops": "while True:\n    pass",
}
HARMLESS_ALONE = {
    "formats its way in",
    "writes an f-string",
    "walks to object",
    "takes a generator's frame",
    "subscripts a class",
}
"""Of no use by themselves: what they would lead to is attacked above."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=2.0, memory_bytes=128 << 20))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sibling(sandbox: Sandbox) -> Cell:
    return sandbox.hold({"reward": plain("return {'x': np.abs(s.x) + np.mean(s.x)}")})


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def listen() -> None:
            with contextlib.suppress(OSError):
                heard.append(server.accept())

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


def assert_unharmed(sibling: Cell) -> None:
    assert sibling.terms(VIEWS, NUM)["x"].tolist() == (VALUES + VALUES.mean()).tolist()
    assert VALUES.tolist() == list(range(NUM))


@pytest.mark.parametrize("attack", ESCAPED)
def test_without_the_gate_the_process_holds(attack, sandbox, sibling, tmp_path, listener):
    port, heard = listener
    precious = tmp_path / "precious"
    precious.write_text(OUTSIDE)
    body = ESCAPED[attack].format(tmp=tmp_path, port=port, parent=os.getpid())
    cell = sandbox.hold_unchecked({"reward": escaping(body)})
    with pytest.raises(ProgramFailed) as caught:
        cell.terms(VIEWS, NUM)
    assert "NameError" not in str(caught.value) and "KeyError" not in str(caught.value), "the attack itself is broken"
    assert str(caught.value).isprintable()
    cell.close()
    assert_unharmed(sibling)
    assert not heard
    assert sorted(Path(tmp_path).iterdir()) == [precious]
    assert (precious.read_text(), precious.stat().st_mode & 0o777 > 0) == (OUTSIDE, True)


@pytest.mark.parametrize("attack", [*ESCAPED, *PLAIN])
def test_the_gate_refuses_or_the_contract_does(attack, sandbox, sibling):
    source = (
        escaping(ESCAPED[attack].replace("{{", "{").replace("}}", "}")) if attack in ESCAPED else plain(PLAIN[attack])
    )
    with pytest.raises((ProgramRejected, ProgramFailed)):
        sandbox.hold({"reward": source}).terms(VIEWS, NUM)
    assert_unharmed(sibling)


@pytest.mark.parametrize("attack", [name for name in PLAIN if name not in HARMLESS_ALONE])
def test_without_the_gate_the_contract_holds(attack, sandbox, sibling):
    cell = sandbox.hold_unchecked({"reward": plain(PLAIN[attack])})
    with pytest.raises(ProgramFailed) as caught:
        cell.terms(VIEWS, NUM)
    assert str(caught.value).isprintable()
    cell.close()
    assert_unharmed(sibling)


def test_a_program_that_changes_numpy_changes_it_for_itself_alone(sandbox, sibling):
    cell = sandbox.hold_unchecked({"reward": escaping("np.abs = np.mean = lambda q: q * 0")})
    assert cell.terms(VIEWS, NUM)["x"].tolist() == VALUES.tolist()
    assert_unharmed(sibling)


def test_shared_inputs_cannot_be_made_writable(sandbox, sibling):
    body = """
c = imported('ctypes')
address = s.x.__array_interface__['data'][0] & ~4095
if c.CDLL(None).mprotect(c.c_void_p(address), 4096, 3) < 0: raise PermissionError('sealed')
"""
    cell = sandbox.hold_unchecked({"reward": escaping(body)})
    with pytest.raises(ProgramFailed, match="sealed"):
        cell.terms(VIEWS, NUM)
    assert_unharmed(sibling)


def test_no_variable_of_the_environment_is_in_reach(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PERSON", "canary")
    fresh = Sandbox()
    try:
        cell = fresh.hold_unchecked({"reward": escaping("if os.environ: raise TypeError")})
        assert cell.terms(VIEWS, NUM)["x"].tolist() == VALUES.tolist()
    finally:
        fresh.close()
