"""``import skillwright as sw``: the verbs, called as a person's own program calls them."""

import doctest
import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import skillwright as sw
from skillwright.agents.run_types import RunRequest
from skillwright.api import options, shelf, verbs
from skillwright.cli import evolve as evolve_command
from skillwright.cli import run as run_command
from skillwright.core import ConfigError, Home, NotFound

from .small_cartpole import make_project

TINY = {"num_candidates": 2, "num_generations": 1, "total_timesteps": 30_000, "num_held_out": 4, "num_workers": 1}
SOURCE = Path(sw.__file__).parents[1]
COMMAND_NAMES = {
    "num_candidates": "candidates",
    "num_generations": "generations",
    "total_timesteps": "timesteps",
    "num_workers": "workers",
    "profile": "agent",
    "is_confirmed": "yes",
    "has_feedback": "feedback",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A skill, what was heard while it was made, and its home."""
    home, heard = tmp_path_factory.mktemp("home"), {"says": [], "progress": []}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLWRIGHT_PROJECT", str(make_project(tmp_path_factory.mktemp("project"))))
        callbacks = {name: lines.append for name, lines in heard.items()}
        yield sw.run("Balance the pole", env="CartPole-v1", home=home, **callbacks, **TINY), heard, home


def test_importing_the_package_imports_no_library():
    code = "import json, sys, skillwright; print(json.dumps([*sys.modules]))"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r}); {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    foreign = {name.partition(".")[0] for name in json.loads(done.stdout)} - sys.stdlib_module_names
    assert foreign == {"__main__", "skillwright"}


def test_reading_the_verbs_imports_neither_torch_nor_a_database():
    code = "import sys, skillwright; skillwright.run; print({'torch', 'sqlalchemy', 'gymnasium'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_verbs_can_be_listed_before_they_are_imported():
    assert set(sw.__all__) <= set(dir(sw))


def test_an_unknown_verb_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'fly'"):
        _ = sw.fly


def test_a_run_gives_a_skill_with_its_evidence_and_its_files(made):
    outcome, _, home = made
    assert outcome.skill.reference == "balance-the-pole@1" and outcome.is_verified and not outcome.is_reused
    assert outcome.evidence.num_episodes == 4
    assert outcome.result.report.is_file() and outcome.result.report.is_relative_to(home)


def test_a_run_prints_nothing_and_tells_its_callbacks(made, capfd):
    outcome, heard, home = made
    assert any(line.startswith("Plan: ") for line in heard["says"])
    assert {state.stage for state in heard["progress"]} >= {"search", "finals", "judging"}
    sw.resume(outcome.run_id, home=home)
    assert capfd.readouterr() == ("", "")


def test_a_skill_acts_on_one_observation_and_on_several(made):
    outcome, _, _ = made
    batch = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    one = [outcome.act(row) for row in batch]
    assert all(type(action) is int for action in one)
    assert one == outcome.act(batch).tolist()


def test_a_skill_that_is_a_program_says_that_it_has_no_policy(made):
    outcome, _, home = made
    program = shelf.StoredSkill(outcome.skill.manifest.model_copy(update={"kind": "program"}), Home.open(home))
    with pytest.raises(ConfigError, match="balance-the-pole@1 is a program"):
        program.act(np.zeros(4, np.float32))


def test_a_skill_plays_in_its_world(made):
    outcome, _, _ = made
    env = outcome.skill.make_env()
    observation, _ = env.reset(seed=0)
    assert env.step(outcome.act(observation))[0].shape == (4,)
    env.close()
    assert len(outcome.skill.play(2, seed=5).scores) == 2


def test_a_finished_run_resumed_gives_the_same_skill(made):
    outcome, _, home = made
    assert sw.resume(outcome.run_id, home=home).skill.manifest == outcome.skill.manifest


def test_the_same_sentence_again_is_planned_as_reuse_and_without_a_seed_is_reused(made):
    outcome, _, home = made
    [step] = sw.plan("Balance the pole", env="CartPole-v1", home=home).sub_tasks
    again = sw.run("Balance the pole", env="CartPole-v1", home=home, **TINY)
    assert step.reuse == outcome.skill.reference
    assert again.is_reused and again.skill.manifest == outcome.skill.manifest


def test_a_seed_plans_a_new_skill(made):
    [step] = sw.plan("Balance the pole", env="CartPole-v1", home=made[2], seed=1).sub_tasks
    assert step.reuse is None


def test_the_library_finds_lists_and_shows_skills(made):
    outcome, _, home = made
    library = sw.library(home=home)
    assert [skill.reference for skill in library] == ["balance-the-pole@1"] and len(library) == 1
    assert library["balance-the-pole"].manifest == outcome.skill.manifest
    assert "balance-the-pole@1" in library and "balance-the-pole@2" not in library
    assert [one.reference for one in library.versions("balance-the-pole")] == ["balance-the-pole@1"]


def test_a_run_and_the_library_show_themselves_in_a_terminal_and_in_a_notebook(made):
    outcome, _, home = made
    for shown in (outcome, sw.library(home=home)):
        assert "balance-the-pole@1" in repr(shown) and len(repr(shown)) < 400
        assert "<td>balance-the-pole@1</td>" in shown._repr_html_()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"num_candidates": 0}, "num_candidates is 0; it must be at least 1"),
        ({"max_usd": float("nan")}, "max_usd is nan"),
        ({"seed": -1}, "seed is -1; it must lie between 0 and 2147483647"),
        ({"num_generations": "two"}, "num_generations is 'two'"),
        ({"candidates": 2}, "candidates is 2: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_option_is_refused_with_words(given, said):
    with pytest.raises(ConfigError, match=said):
        sw.run("Balance the pole", env="CartPole-v1", **given)


def test_an_unknown_world_is_told_with_what_was_meant():
    with pytest.raises(NotFound, match="did you mean 'CartPole-v1'"):
        sw.evolve("CartPole-v9/balance")


def test_whatever_ends_a_run_says_how_to_go_on(made):
    outcome, _, home = made

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        sw.run("Balance the pole", env="CartPole-v1", says=interrupt, home=home, **TINY)
    [note] = caught.value.__notes__
    run_id = note.partition("'")[2].rstrip("')")
    assert sw.resume(run_id, home=home).skill.manifest == outcome.skill.manifest


@pytest.mark.parametrize(
    ("verb", "command"), [(sw.run, run_command.run), (sw.evolve, evolve_command.evolve)], ids=["run", "evolve"]
)
def test_the_verbs_have_the_defaults_of_the_commands(verb, command):
    typed = {name: one.default for name, one in inspect.signature(command).parameters.items()}
    ours = {name: one.default for name, one in inspect.signature(verb).parameters.items()}
    shared = {name: COMMAND_NAMES.get(name, name) for name in ours if COMMAND_NAMES.get(name, name) in typed}
    assert len(shared) >= 12
    unlike = {name: (ours[name], typed[other]) for name, other in shared.items() if ours[name] != typed[other]}
    assert {name for name in unlike if typed[shared[name]] is not None} == set()
    assert set(unlike) <= {"seed", "reuse"}  # none stands for the same there: 0, and whether a seed is given


def test_every_option_is_the_callers_or_a_field_of_the_request():
    named = {*options.RunOptions.__annotations__, *options.EvolveOptions.__annotations__}
    assert named - set(options.CallerOptions.__annotations__) <= set(RunRequest.model_fields)


def test_the_examples_in_the_docstrings_run():
    for module in (verbs, shelf):
        failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
        assert failed == 0
    assert doctest.testmod(verbs, optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL).attempted >= 6
