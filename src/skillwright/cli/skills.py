"""``skillwright skills``: the library of skills."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillwright.cli import library, packs, writing
from skillwright.cli.helping import examples, help_unless_told
from skillwright.cli.options import LARGEST_SEED, HomeOption, JsonOption, WeakerSandboxOption
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.skills.skill import Skill

__all__ = ["commands"]

commands = typer.Typer(
    name="skills",
    help="List, inspect and play the skills of your library.",
    callback=help_unless_told,
    invoke_without_command=True,
    epilog=examples(
        "skills list --all",
        "skills show land-softly-between-the-flags",
        "skills play land-softly-between-the-flags@2 --episodes 5",
    ),
)

_Reference = Annotated[
    str,
    typer.Argument(
        metavar="NAME[@VERSION]",
        show_default=False,
        help="The skill; without a version, its newest verified one.",
    ),
]
_All = Annotated[bool, typer.Option("--all", help="Every version, not only what each name means.")]
_Episodes = Annotated[int, typer.Option(min=1, metavar="N", help="Episodes to play.")]
_Seed = Annotated[
    int,
    typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the first episode; the next follow it."),
]
_Video = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Where the mp4 goes; without it, into the folder of the skill's run."),
]


@commands.command("list")
def list_skills(all_versions: _All = False, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the skills.

    With --json: a list of manifests, each as `skills show --json` prints it.
    """
    from skillwright.cli.display.skill import show_skills
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.stores import open_library

    skills = open_library(home).list(all_versions=all_versions)
    if as_json:
        print_json(skills)
    else:
        show_skills(terminal(), skills)


@commands.command("show")
def show_skill(reference: _Reference, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show a skill: its evidence, lineage and reward.

    With --json: its manifest, an object. Exits with 2 if a file of the skill is missing or damaged.
    """
    from skillwright.cli.display import skill as display
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.stores import open_library

    shelf = open_library(home)
    skill = shelf.get(reference)
    if as_json:
        print_json(skill)
    else:
        program = shelf.source(skill) if skill.kind == "program" else None
        display.show_skill(terminal(), skill, shelf.versions(skill.name), program)
        display.show_calls(terminal(), skill, shelf.dependents(skill.reference))
    _check_files(skill, Home.open(home))


@commands.command("play")
def play(
    reference: _Reference,
    episodes: _Episodes = 3,
    seed: _Seed = 0,
    video: _Video = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a skill in its world, judge every episode, and film it.

    With --json: an object with `skill` (its manifest), `scores` (one object per episode: `success`,
    `fitness`, `env_return`, `length`) and `video` (its path).
    """
    from skillwright.agents.playing import PlayRequest, play_skill
    from skillwright.cli.display.play import show_play
    from skillwright.cli.display.terminal import print_json, terminal

    request = PlayRequest(num_episodes=episodes, seed=seed, video=video)
    with terminal(stderr=True).status(f"playing {reference}"):
        outcome = play_skill(Home.open(home), reference, request)
    if as_json:
        scores = [score._asdict() for score in outcome.scores]
        print_json({"skill": outcome.skill, "scores": scores, "video": outcome.video})
    else:
        show_play(terminal(), outcome, first_seed=seed)


commands.add_typer(library.commands)
commands.add_typer(writing.commands)
commands.add_typer(packs.commands)


def _check_files(skill: "Skill", home: Home) -> None:
    """Reads every file of a skill, so that a damaged one is named."""
    from skillwright.core.artifacts import ArtifactStore

    artifacts = ArtifactStore(home.artifacts)
    for sha in filter(None, (skill.card, skill.policy, skill.video)):
        artifacts.get(sha)
