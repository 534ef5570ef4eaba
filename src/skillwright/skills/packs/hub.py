"""A skill as a folder in the layout of the Hugging Face Hub, with a model card; uploading it is left to the person."""

from skillwright.core.artifacts import ArtifactStore
from skillwright.skills.library import Library
from skillwright.skills.packs.manifest import CARD, POLICY, PROGRAM, REWARD
from skillwright.skills.packs.writing import write_pack
from skillwright.skills.skill import Evidence, Skill

__all__ = ["hub_files"]


def hub_files(library: Library, artifacts: ArtifactStore, skill: Skill) -> dict[str, bytes]:
    """Gives the files of the folder.

    Args:
        library: where the skill is.
        artifacts: where its files are.
        skill: the skill.

    Returns:
        Name -> content. ``replay.mp4`` is where the Hub looks for a video.

    Raises:
        CorruptArtifact: a file of the skill is missing or damaged.
        PackRefused: the skill cannot be packed.
    """
    files = {
        "README.md": _model_card(skill).encode(),
        f"{skill.name}.swskill": write_pack(library, artifacts, [f"{skill.name}@{skill.version}"]),
        CARD: artifacts.get(skill.card),
    }
    if skill.kind == "policy":
        files |= {POLICY: artifacts.get(skill.policy), REWARD: skill.reward_source.encode()}
    else:
        files[PROGRAM] = artifacts.get(skill.policy)
    return {**files, "replay.mp4": artifacts.get(skill.video)} if skill.video else files


def _model_card(skill: Skill) -> str:
    import yaml

    about = yaml.safe_dump(_metadata(skill), sort_keys=False, allow_unicode=True)
    made_by = "no language model" if skill.lineage.model == "none" else skill.lineage.model
    return f"""---
{about}---

# {skill.name}

{_plain(skill.description)}

- World: `{skill.env_id}`, task `{skill.task}`, at most {skill.step_limit} steps
- Status where it was exported: {skill.status}
- Asked for as: {_plain(skill.lineage.task_text)}
- {"Reward" if skill.kind == "policy" else "Program"} written by: {skill.lineage.proposer} ({made_by})

## Evidence

{_evidence(skill.evidence)}

These are the exporter's figures. Measure your own:

```sh
skillwright skills import {skill.name}.swskill
skillwright skills verify {skill.name}
```

## Files

`{skill.name}.swskill` is everything in one pack. `{CARD}` says what observations and actions mean and holds the success
test. {_what_acts(skill)} No file holds pickled code.
"""


def _what_acts(skill: Skill) -> str:
    if skill.kind == "policy":
        return f"`{POLICY}` is the policy with its normalisation, `{REWARD}` is the reward it was trained by."
    needed = ", ".join(f"`{one}`" for one in skill.dependencies)
    return f"`{PROGRAM}` is a program that runs other skills, which lie in the pack: {needed}."


def _metadata(skill: Skill) -> dict[str, object]:
    evidence = skill.evidence
    metrics: list[dict[str, object]] = [{"type": "fitness", "name": "mean fitness", "value": evidence.fitness}]
    if evidence.success_rate is not None:
        metrics.insert(0, {"type": "success_rate", "name": "success rate", "value": evidence.success_rate})
    result = {
        "task": {"type": "reinforcement-learning", "name": "reinforcement-learning"},
        "dataset": {"name": skill.env_id, "type": skill.env_id},
        "metrics": [{**metric, "verified": False} for metric in metrics],
    }
    return {
        "library_name": "skillwright",
        "pipeline_tag": "reinforcement-learning",
        "tags": ["reinforcement-learning", "skillwright", skill.env_id.rpartition("/")[2], skill.task],
        "model-index": [{"name": skill.name, "results": [result]}],
    }


def _evidence(evidence: Evidence) -> str:
    last = evidence.first_seed + evidence.num_episodes - 1
    rows = [
        f"- {evidence.num_episodes} held-out episodes, seeds {evidence.first_seed} to {last}",
        f"- Mean fitness {evidence.fitness:.4g} (95 % interval {_interval(evidence.fitness_interval)})",
    ]
    if evidence.success_rate is not None and evidence.success_interval is not None:
        rate = f"- Success rate {evidence.success_rate:.4g} (95 % interval {_interval(evidence.success_interval)})"
        rows.insert(1, f"{rate}, required {evidence.required_success_rate:.4g}")
    return "\n".join(rows)


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.4g} to {interval[1]:.4g}"


def _plain(text: str) -> str:
    """Keeps a text on one line and out of Markdown and HTML."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in " ".join(text.split()))
