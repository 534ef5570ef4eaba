"""``skillwright skills search``, ``history``, ``rollback``, ``rename`` and ``retire``."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillwright.cli.helping import examples
from skillwright.cli.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from skillwright.skills.skill import Skill

__all__ = ["commands"]

commands = typer.Typer()

_Words = Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="What the skill should do.")]
_Env = Annotated[str | None, typer.Option(metavar="ID", show_default=False, help="Only skills for this world.")]
_Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Most skills to show.")]
_Embeddings = Annotated[
    str, typer.Option(metavar="SPEC", help="What compares meanings, such as local:FOLDER; none: words alone.")
]
_Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The skill.")]
_New = Annotated[str, typer.Argument(metavar="NEW", show_default=False, help="Its new name.")]
_Version = Annotated[str, typer.Argument(metavar="NAME@VERSION", show_default=False, help="The version.")]
_Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for the history.")]
_Needed = Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why, for the history.")]
_Force = Annotated[bool, typer.Option("--force", help="Also if verified skills depend on it.")]


@commands.command("search", epilog=examples('skills search "land gently" --env box2d/LunarLander-v3 --limit 3'))
def search(
    words: _Words,
    env: _Env = None,
    limit: _Limit = 10,
    embeddings: _Embeddings = "none",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find skills by what they do.

    With --json: a list of objects with `skill` (its manifest), `score` and `why`.
    """
    from skillwright.cli.display.skill import show_hits
    from skillwright.cli.display.terminal import print_json, print_lines, terminal
    from skillwright.cli.stores import open_library
    from skillwright.llm.embeddings import make_embedder
    from skillwright.skills.searching import Query

    embedder = make_embedder(embeddings)
    hits = open_library(home).search(Query(text=words, env_id=env, limit=limit, embedder=embedder))
    if as_json:
        print_json([hit._asdict() for hit in hits])
        return
    show_hits(terminal(), hits)
    if embedder.spec == "none":
        print_lines(terminal(), "Compared by words alone; --embeddings compares meanings too.")


@commands.command("history", epilog=examples("skills history land-softly"))
def show_history(name: _Name, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what was done to a skill, oldest first.

    With --json: a list of objects with `name`, `version`, `action`, `status`, `detail` and `at`.
    """
    from skillwright.cli.display import skill as display
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.stores import open_library

    changes = open_library(home).history(name)
    if as_json:
        print_json([change._asdict() for change in changes])
    else:
        display.show_history(terminal(), changes)


@commands.command("rollback", epilog=examples("skills rollback land-softly@2"))
def roll_back(reference: _Version, reason: _Reason = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make a version what the name means, until a version is verified later.

    With --json: its manifest.
    """
    from skillwright.cli.stores import open_library

    skill = open_library(home).roll_back(reference, reason)
    _tell(skill, f"{skill.name} means {skill.reference} now.", as_json=as_json)


@commands.command("rename", epilog=examples("skills rename land-softly land-between-flags"))
def rename(name: _Name, new: _New, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Give a skill another name; the old one goes on meaning it.

    With --json: the manifest of what the new name means.
    """
    from skillwright.cli.stores import open_library

    skill = open_library(home).rename(name, new)
    _tell(skill, f"{name} is called {new} now; the old name still finds it.", as_json=as_json)


@commands.command("retire", epilog=examples('skills retire land-softly@1 --reason "tips over in wind"'))
def retire(
    reference: _Version, reason: _Needed, force: _Force = False, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Take a version out of use; nothing is deleted.

    With --json: its manifest.
    """
    from skillwright.cli.stores import open_library

    skill = open_library(home).retire(reference, reason, force=force)
    _tell(skill, f"{skill.reference} is retired.", as_json=as_json)


def _tell(skill: "Skill", text: str, *, as_json: bool) -> None:
    from skillwright.cli.display.terminal import print_json, print_lines, terminal

    if as_json:
        print_json(skill)
    else:
        print_lines(terminal(), text)
