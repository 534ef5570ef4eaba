"""What holds for every package of the house."""

import ast
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import skillwright
from skillwright.envs.loading import load_card

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch",
    "gymnasium",
    "envpool",
    "sqlalchemy",
    "alembic",
    "matplotlib",
    "imageio",
    "numba",
    "langchain",
    "langchain_core",
    "openai",
    "onnx",
    "stable_baselines3",
    "keyring",
    "httpx",
    "httpx2",
    "jinja2",
    "mujoco",
    "pyarrow",
    "tensorboard",
)
PACKAGES = sorted(module.name for module in pkgutil.walk_packages(skillwright.__path__, "skillwright.") if module.ispkg)
API = [name for name in PACKAGES if name.count(".") == 1]
LIST_HEAVY = f"import json, sys; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"


def python(code: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return result.stdout


@pytest.mark.parametrize("package", ["skillwright", *API])
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    loaded = json.loads(python(f"import {package}; {LIST_HEAVY}"))

    assert loaded == []


@pytest.mark.parametrize("package", ["skillwright", *API])
def test_importing_a_package_writes_nothing(package: str, tmp_path: Path) -> None:
    home = tmp_path / "home"

    printed = python(f"import {package}", SKILLWRIGHT_HOME=str(home))

    assert printed == ""
    assert not home.exists()


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import atexit, sys
atexit.register(lambda: print("loaded:", [m for m in {HEAVY!r} if m in sys.modules]))
sys.argv = ["skillwright", "--help"]
from skillwright.cli import main
main()
"""
    assert python(code).rstrip().endswith("loaded: []")


@pytest.mark.parametrize("package", ["skillwright", *PACKAGES])
def test_every_package_says_what_it_is(package: str) -> None:
    assert (importlib.import_module(package).__doc__ or "").strip()


@pytest.mark.parametrize("package", ["skillwright", *API])
def test_every_exported_name_exists(package: str) -> None:
    module = importlib.import_module(package)

    missing = [name for name in module.__all__ if not hasattr(module, name)]

    assert missing == []


@pytest.mark.parametrize("package", ["skillwright", *API])
def test_exported_names_are_sorted_and_named_once(package: str) -> None:
    exported = list(importlib.import_module(package).__all__)

    assert exported == sorted(set(exported))


def test_every_source_file_belongs_to_an_importable_package() -> None:
    folders = {file.parent for file in (ROOT / "src" / "skillwright").rglob("*.py")}

    strays = [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()]

    assert [folder for folder in strays if "migrations" not in folder.parts] == []  # Alembic's scripts


def test_root_content_folders_are_no_packages() -> None:
    folders = [ROOT / kind for kind in ("agents", "envs", "prompts", "rewards", "skills")]

    assert [file for folder in folders for file in folder.rglob("__init__.py")] == []


def test_the_change_log_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    versions = re.findall(r"^## \[(\d[^\]]*)\]", text, re.MULTILINE)

    assert versions[0] == skillwright.__version__


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].lower().replace("_", "-")


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(line) for line in sum(project["optional-dependencies"].values(), project["dependencies"])}


def test_every_dependency_is_pinned() -> None:
    pinned = {normal(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}

    assert sorted(declared() - pinned) == []


def imported_top_levels() -> set[str]:
    """All packages any source file imports, lazily or not."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "src").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {module.partition(".")[0] for module in modules}


def test_everything_imported_is_a_declared_dependency() -> None:
    distributions = packages_distributions()
    imported = imported_top_levels() - sys.stdlib_module_names - {"skillwright"}

    wanted = {normal(distributions.get(name, [name])[0]) for name in imported}

    assert sorted(wanted - declared() - {"pydantic-core"}) == []  # pydantic's other half


def test_nothing_can_unpickle() -> None:
    assert (
        imported_top_levels() & {"pickle", "cloudpickle", "dill", "joblib", "marshal", "multiprocessing", "shelve"}
        == set()
    )


@pytest.mark.parametrize("page", sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/**/*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)

    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


def test_the_card_in_the_guide_is_a_card(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "cards.md").read_text(encoding="utf-8")
    example = guide.partition("```yaml\n")[2].partition("```\n")[0]
    (tmp_path / "card.yaml").write_text(example, encoding="utf-8")

    assert load_card(tmp_path / "card.yaml").id == "classic_control/Pendulum-v1"
