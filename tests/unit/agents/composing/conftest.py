import pytest

from ..small_world import Place, make_project


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def place(project, home, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(project))
    return Place(home)
