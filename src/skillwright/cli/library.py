"""``skillwright skills search``, ``history``, ``rollback``, ``rename`` and ``retire``."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from skillwright.cli.helping import examples
from skillwright.cli.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from skillwright.llm.embeddings import Embedder
    from skillwright.skills.library import Library
    from skillwright.skills.skill import Skill

__all__ = ["commands"]

commands = typer.Typer()

_NONE: Final = "none"
"""Name of the embedder that knows nothing of meaning."""
_MOST_LISTED: Final = 8

_Words = Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="What the skill should do.")]
_Env = Annotated[str | None, typer.Option(metavar="ID", show_default=False, help="Only skills for this world.")]
_Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Most skills to show.")]
_Embeddings = Annotated[
    str,
    typer.Option(
        envvar="SKILLWRIGHT_EMBEDDINGS",
        metavar="SPEC",
        help="What compares meanings: local:FOLDER, openai:MODEL, ollama:MODEL or vllm:MODEL@URL; none: words alone.",
    ),
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

    library, embedder = open_library(home), make_embedder(embeddings)
    world = None if env is None else _world(library, env)
    if embedder.spec != _NONE:
        _embed(library, embedder)
    hits = library.search(Query(text=words, env_id=world, limit=limit, embedder=embedder))
    if as_json:
        print_json([hit._asdict() for hit in hits])
        return
    show_hits(terminal(), hits)
    if embedder.spec == _NONE:
        print_lines(terminal(), "Compared by words alone; --embeddings SPEC compares meanings too (docs/library.md).")


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
    """Give a skill another name; the old name still leads there, for people and for skills that call it.

    With --json: the manifest of what the new name means.
    """
    from skillwright.cli.stores import open_library

    skill = open_library(home).rename(name, new)
    _tell(skill, f"{name} is called {new} now. The old name still leads there.", as_json=as_json)


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


def _world(library: "Library", env: str) -> str:
    """Returns the id of a world that skills are for, or that is known at all."""
    from skillwright.core.errors import NotFound
    from skillwright.envs.catalog import find_card

    worlds = library.worlds()
    if env in worlds:
        return env
    short = [one for one in worlds if one.rpartition("/")[2] == env]
    if len(short) == 1:
        return short[0]
    try:
        return find_card(env).id
    except NotFound as error:
        listed = ", ".join(worlds[:_MOST_LISTED]) + (", ..." if len(worlds) > _MOST_LISTED else "")
        error.add_note(
            f"Your library has skills for {listed or 'no world yet'}; skillwright envs list shows all worlds."
        )
        raise


def _embed(library: "Library", embedder: "Embedder") -> None:
    """Embeds what is new before the search, and says so."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from skillwright.cli.display.terminal import print_lines, terminal

    console, num = terminal(stderr=True), library.num_without_meaning(embedder)
    if not num:
        return
    print_lines(
        console,
        f"Embedding {num:,} skill{'s' * (num > 1)} that {embedder.spec} has not seen, once: {embedder.description}.",
    )
    with Progress(TextColumn("embedded"), BarColumn(), MofNCompleteColumn(), console=console) as progress:
        bar = progress.add_task("", total=num)
        library.embed(embedder, lambda done, total: progress.update(bar, completed=done, total=total))


def _tell(skill: "Skill", text: str, *, as_json: bool) -> None:
    from skillwright.cli.display.terminal import print_json, print_lines, terminal

    if as_json:
        print_json(skill)
    else:
        print_lines(terminal(), text)
