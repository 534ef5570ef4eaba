"""What the tests of a model's server share: a project with a prompt, the server, and askers of one run."""

import pytest

from .model_desk import open_desk, open_project
from .model_server import ModelServer


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A person's own project with one prompt."""
    open_project(tmp_path, monkeypatch)


@pytest.fixture
def server():
    """A scripted server on loopback."""
    with ModelServer() as opened:
        yield opened


@pytest.fixture
def desk(home, server):
    """Makes askers of one run."""
    return open_desk(home, server)
