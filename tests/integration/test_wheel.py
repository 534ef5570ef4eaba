"""The built wheel, installed where nothing of the checkout can be seen."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import skillwright

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ("agents", "envs", "prompts", "rewards", "skills")
PACKED = "skillwright/_content/"


def hatch_build(source: Path, target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.iterdir())


def contents(wheel: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatch_build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def clean_venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the wheel, and beside it this interpreter's packages, less its Skillwright."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    pip = [sys.executable, "-m", "pip", "-q", "--python", str(venv / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    # A folder named in a .pth file is searched, but the .pth files in it (an editable install) are not read.
    site_packages = next(venv.glob("lib/python*/site-packages"))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return venv


def run_installed(venv: Path, *command: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    program, *arguments = command
    full = [str(venv / "bin" / program), *arguments]
    return subprocess.run(full, cwd=venv, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_wheel_installs_one_top_level_package(wheel: Path) -> None:
    top_level = {name.partition("/")[0] for name in contents(wheel)}

    assert top_level == {"skillwright", f"skillwright-{skillwright.__version__}.dist-info"}


def test_the_wheel_holds_every_content_file(wheel: Path) -> None:
    files = [file for kind in CONTENT for file in (ROOT / kind).rglob("*") if file.is_file()]
    wanted = {f"{PACKED}{file.relative_to(ROOT).as_posix()}": file.read_bytes() for file in files}

    held = {name: data for name, data in contents(wheel).items() if name.startswith(PACKED)}

    assert held == wanted


def test_the_wheel_holds_what_is_no_python(wheel: Path) -> None:
    source = ROOT / "src"
    wanted = {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}

    missing = {name for name in wanted if "__pycache__" not in name} - set(contents(wheel))

    assert missing == set()


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = hatch_build(ROOT, "sdist", tmp_path / "sdist")
    source = tmp_path / "source"
    source.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "--strip-components=1"], cwd=source, check=True)

    rebuilt = hatch_build(source, "wheel", tmp_path / "rebuilt")

    assert contents(rebuilt) == contents(wheel)


def test_the_source_distribution_has_no_build_products(tmp_path: Path) -> None:
    archive = hatch_build(ROOT, "sdist", tmp_path)
    with tarfile.open(archive) as tar:
        names = [name.split("/")[1] for name in tar.getnames()]

    assert {".venv", ".git", "dist"}.isdisjoint(names)


def test_the_installed_program_is_the_wheel(clean_venv: Path) -> None:
    location = run_installed(clean_venv, "python", "-c", "import skillwright; print(skillwright.__file__)")

    assert Path(location.strip()).is_relative_to(clean_venv)


def test_the_installed_program_says_its_version(clean_venv: Path) -> None:
    assert skillwright.__version__ in run_installed(clean_venv, "skillwright", "--version")


def test_the_installed_program_finds_the_built_in_cards(clean_venv: Path) -> None:
    cards = json.loads(run_installed(clean_venv, "skillwright", "envs", "list", "--json"))

    files = {path.relative_to(ROOT / "envs").with_suffix("") for path in (ROOT / "envs").rglob("[!_]*.yaml")}
    assert {card["id"] for card in cards} == {file.as_posix() for file in files}


@pytest.mark.parametrize("package", CONTENT)
def test_content_folders_are_not_importable(clean_venv: Path, package: str) -> None:
    found = run_installed(clean_venv, "python", "-c", f"import importlib.util as u; print(u.find_spec({package!r}))")

    assert found.strip() == "None"
