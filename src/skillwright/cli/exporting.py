"""Writing exported skills to where a person wants them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skillwright.cli.stores import open_library
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.learners.policy import Policy

__all__ = ["Exported", "check_free", "export_as"]


class Exported(NamedTuple):
    """Files that are ready to be written."""

    files: Mapping[Path, bytes]
    notes: Sequence[str]
    """What a person must know to use them."""


def check_free(place: Path, *, force: bool) -> None:
    """Refuses to replace what a person has.

    Args:
        place: file or folder.
        force: whether it may be replaced.

    Raises:
        ConfigError: something is there.
    """
    if not force and (place.exists() or place.is_symlink()):
        raise ConfigError(f"{place} is there already; choose another place, or replace it with --force")


def export_as(form: str, references: Sequence[str], place: Path, *, home: Path | None) -> Exported:
    """Exports skills.

    Args:
        form: ``pack``, ``onnx``, ``sb3`` or ``hub``.
        references: the skills; one, unless it is a pack.
        place: where they shall go.
        home: the home folder as the person gave it.

    Raises:
        ConfigError: several skills were named for a format that holds one, or a program for one that holds policies.
        NotFound: there is no such skill.
        MissingExtra: what the format needs is not installed.
    """
    library, artifacts = open_library(home), ArtifactStore(Home.open(home).artifacts)
    if form == "pack":
        from skillwright.skills.packs.writing import write_pack

        return Exported({place: write_pack(library, artifacts, references)}, [])
    if len(references) > 1:
        raise ConfigError(f"the format {form} holds one skill, and {len(references)} were named")
    skill = library.get(references[0])
    if form == "hub":
        from skillwright.skills.packs.hub import hub_files

        named = hub_files(library, artifacts, skill)
        return Exported({place / name: data for name, data in named.items()}, ["Upload the folder as it is."])
    if skill.kind == "program":
        raise ConfigError(f"{skill.reference} is a program, and {form} holds policies; export it as a pack")
    from skillwright.learners.policy import Policy

    policy = Policy.from_bytes(artifacts.get(skill.policy))
    if form == "onnx":
        from skillwright.learners.exporting.onnx_file import to_onnx

        return Exported({place: to_onnx(policy)}, ["Input: observation. Output: action, within the world's bounds."])
    return _as_sb3(policy, artifacts.get(skill.card), place)


def _as_sb3(policy: "Policy", card_data: bytes, place: Path) -> Exported:
    from skillwright.envs import EnvCard
    from skillwright.learners.exporting.sb3 import to_sb3

    checkpoint = to_sb3(policy, EnvCard.model_validate_json(card_data))
    notes = [f"Load it with stable_baselines3.{checkpoint.algorithm}.load({str(place)!r})."]
    files = {place: checkpoint.model}
    if checkpoint.normalization is None:
        return Exported(files, [*notes, "Observations are normalised by the first layer."])
    beside = place.with_name(f"{place.stem}.vecnormalize.pkl")
    return Exported(
        {**files, beside: checkpoint.normalization},
        [*notes, f"It wants observations normalised by stable_baselines3's VecNormalize.load({str(beside)!r}, env)."],
    )
