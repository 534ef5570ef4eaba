import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import skillwright
from skillwright.core.content import content_roots, find_content, lay_out_project, list_content
from skillwright.core.errors import ConfigError, NotFound, StorageError


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    lay_out_project(folder)
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(folder))
    return folder


@pytest.fixture
def without_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def card(project):
    path = project / "envs" / "mine" / "Cart-v0.yaml"
    path.parent.mkdir()
    path.write_text("id: mine/Cart-v0")
    return path


def test_the_built_in_content_is_found_in_the_checkout(without_project):
    checkout = Path(__file__).parents[3]
    assert content_roots("envs") == [checkout / "envs"]


def test_a_persons_project_comes_before_the_built_in_content(project):
    assert content_roots("prompts")[0] == project / "prompts"
    assert len(content_roots("prompts")) == 2


def test_the_project_is_the_nearest_parent_with_the_marker(tmp_path, monkeypatch):
    lay_out_project(tmp_path)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert content_roots("rewards")[0] == tmp_path / "rewards"


def test_a_project_without_a_content_folder_has_the_built_in_content(project):
    (project / "skills").rmdir()
    assert project / "skills" not in content_roots("skills")


def test_a_project_that_is_no_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="SKILLWRIGHT_PROJECT"):
        content_roots("envs")


def test_a_file_of_the_project_is_found_by_its_relative_path(card):
    assert find_content("envs", "mine/Cart-v0.yaml") == card


@pytest.fixture
def installed(tmp_path, project):
    """Asks an installed package, which carries its content with it, in a process of its own."""
    site = tmp_path / "site"
    shutil.copytree(Path(skillwright.__file__).parent / "core", site / "skillwright" / "core")
    shutil.copy(skillwright.__file__, site / "skillwright")
    for name in ("plan.md", "reflect.md"):
        packaged = site / "skillwright" / "_content" / "prompts" / name
        packaged.parent.mkdir(parents=True, exist_ok=True)
        packaged.write_text("ours")
    (project / "prompts" / "plan.md").write_text("theirs")

    def answer(expression):
        script = f"from skillwright.core.content import find_content, list_content; print({expression})"
        environment = {"PYTHONPATH": str(site), "SKILLWRIGHT_PROJECT": str(project)}
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    return answer


def test_an_installed_package_finds_the_content_it_carries(installed):
    assert installed("find_content('prompts', 'reflect.md').read_text()") == "ours"


def test_a_file_of_the_project_wins_over_the_built_in_one(installed):
    assert installed("find_content('prompts', 'plan.md').read_text()") == "theirs"
    assert installed("list_content('prompts', '.md')['plan.md'].read_text()") == "theirs"


def test_the_list_holds_the_projects_files_and_the_built_in_ones(installed):
    assert installed("list(list_content('prompts', '.md'))") == "['plan.md', 'reflect.md']"


def test_an_unknown_file_is_answered_with_a_close_one(card):
    with pytest.raises(NotFound, match=r"did you mean 'mine/Cart-v0\.yaml'"):
        find_content("envs", "mine/Card-v0.yaml")


@pytest.mark.parametrize(
    "relative", ["../secret", "a/../../secret", "/etc/passwd", "..\\secret", "C:\\secret", "", ".", "a\0b"]
)
def test_a_path_out_of_the_folder_is_refused(project, relative):
    with pytest.raises(ConfigError, match="not a path below envs/"):
        find_content("envs", relative)


def test_a_folder_is_not_a_content_file(card):
    with pytest.raises(NotFound):
        find_content("envs", "mine")


def test_content_is_listed_by_suffix_and_without_hidden_files(card):
    card.with_name("notes.txt").write_text("")
    card.with_name(".Cart-v0.yaml").write_text("")
    listed = list_content("envs", ".yaml")
    assert listed["mine/Cart-v0.yaml"] == card
    assert not any(name.endswith((".txt", "/.Cart-v0.yaml")) for name in listed)


def test_a_new_project_has_the_marker_and_five_empty_folders(tmp_path):
    made = lay_out_project(tmp_path / "new")
    names = {path.relative_to(tmp_path).as_posix() for path in made}
    folders = {f"new/{kind}" for kind in ("agents", "envs", "prompts", "rewards", "skills")}
    assert names == {"new", "new/skillwright.toml"} | folders


def test_laying_out_again_changes_nothing(tmp_path):
    lay_out_project(tmp_path)
    (tmp_path / "skillwright.toml").write_text("mine")
    assert lay_out_project(tmp_path) == []
    assert (tmp_path / "skillwright.toml").read_text() == "mine"


def test_a_project_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        lay_out_project(tmp_path / "file")
