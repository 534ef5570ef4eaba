"""``skillwright skills export``, ``import`` and ``verify``: skills that travel, and what they are worth here."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillwright.cli.options import HomeOption, JsonOption, WeakerSandboxOption
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.agents.verifying import Verification
    from skillwright.skills.skill import Skill

__all__ = ["commands"]

commands = typer.Typer()

_FAILED = 1


class _Format(StrEnum):
    pack = "pack"
    onnx = "onnx"
    sb3 = "sb3"
    hub = "hub"


_References = Annotated[
    list[str], typer.Argument(metavar="NAME[@VERSION]...", show_default=False, help="The skills to export.")
]
_Place = Annotated[Path, typer.Argument(metavar="PATH", show_default=False, help="The file, or for `hub` the folder.")]
_FormatOption = Annotated[
    _Format,
    typer.Option(
        "--format",
        help="pack: a .swskill with all that skills import needs. onnx: the policy's graph. sb3: a checkpoint of "
        "stable-baselines3. hub: a folder as the Hugging Face Hub has them, with a model card.",
    ),
]
_Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
_Pack = Annotated[Path, typer.Argument(metavar="PACK", show_default=False, help="The .swskill file.")]
_As = Annotated[str | None, typer.Option("--as", metavar="NAME", show_default=False, help="Its name here.")]
_MaxMib = Annotated[
    int, typer.Option("--max-mib", min=1, max=1 << 14, metavar="N", help="Largest pack, packed and unpacked, in MiB.")
]
_Reference = Annotated[str, typer.Argument(metavar="NAME[@VERSION]", show_default=False, help="The skill.")]
_Episodes = Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="Held-out episodes to play.")]
_Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=2**27 - 1,
        metavar="S",
        show_default=False,
        help="Which held-out worlds; without it drawn at random, so that nobody could have trained for them.",
    ),
]


@commands.command("export")
def export_skills(
    references: _References,
    place: _Place,
    form: _FormatOption = _Format.pack,
    force: _Force = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write skills as a pack, with those they depend on, or one skill in another program's format.

    With --json: an object with `files` (the paths written) and `notes` (how to use them).
    """
    from skillwright.cli.display.packs import show_export
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.exporting import check_free, export_as
    from skillwright.skills.packs.placing import place_file

    check_free(place, force=force)
    exported = export_as(form.value, references, place, home=home)
    for one in exported.files:
        check_free(one, force=force)
    for one, data in exported.files.items():
        place_file(one, data)
    if as_json:
        print_json({"files": list(exported.files), "notes": exported.notes})
    else:
        show_export(terminal(), list(exported.files), exported.notes)


@commands.command("import")
def import_pack(
    pack: _Pack, name: _As = None, max_mib: _MaxMib = 256, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Take in the skills of a pack as drafts; a pack with any fault is refused whole.

    With --json: a list of manifests, each after those it depends on.
    """
    from skillwright.cli.display.packs import show_import
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.skills.packs.reading import Limits, check_new_name, read_pack_file
    from skillwright.skills.packs.storing import store_pack

    read = read_pack_file(pack, Limits(max_bytes=max_mib << 20))
    check_new_name(read.manifest, name)
    skills = store_pack(read, Home.open(home), name=name)
    if as_json:
        print_json(skills)
    else:
        show_import(terminal(), skills)


@commands.command("verify")
def verify(
    reference: _Reference,
    episodes: _Episodes = 100,
    seed: _Seed = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a skill's success test here, and store what it showed as a new version.

    Before a program, the skills it runs are verified that are not yet; it fails if one of them does. Exits with 1 if
    the skill fails. With --json: an object with `skill` (the new version's manifest), `examined` (the manifest of the
    version that was played), `judged_by_own_card` (false if the skill brought its test) and `parts` (such objects for
    the skills that were verified before it).
    """
    from skillwright.agents.verifying import VerifyRequest, verify_skill
    from skillwright.cli.display.packs import show_verification
    from skillwright.cli.display.terminal import print_json, print_lines, terminal

    with terminal(stderr=True).status(f"verifying {reference}"):
        outcome = verify_skill(Home.open(home), reference, VerifyRequest(num_episodes=episodes, seed=seed))
    if as_json:
        print_json(outcome)
    else:
        for one in _in_order(outcome):
            show_verification(terminal(), one)
        if failed := [part.skill.reference for part in outcome.parts if part.skill.status != "verified"]:
            print_lines(terminal(), f"It fails because of what it runs: {', '.join(failed)}")
    _exit_as(outcome.skill)


def _in_order(outcome: "Verification") -> list["Verification"]:
    """Lists what was verified, each once and after what it runs."""
    listed = [*(one for part in outcome.parts for one in _in_order(part)), outcome]
    return list({one.examined.reference: one for one in listed}.values())


def _exit_as(skill: "Skill") -> None:
    if skill.status != "verified":
        raise typer.Exit(_FAILED)
