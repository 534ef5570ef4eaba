"""Guards around every test: a home of its own, no person's settings, one thread per process, no window."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

# Read by numerical libraries when they are imported, so set before any test module is.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in [name for name in os.environ if name.startswith("SKILLWRIGHT_")]:
            patch.delenv(variable)
        patch.setenv("SKILLWRIGHT_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("COLUMNS", "120")
        patch.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder Skillwright uses in this test; it does not exist yet."""
    folder = tmp_path / "skillwright-home"
    monkeypatch.setenv("SKILLWRIGHT_HOME", str(folder))
    return folder
