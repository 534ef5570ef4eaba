"""Tasks of worlds, by their names."""

import hashlib

from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard, read_reference
from skillwright.rewards.records import Program

__all__ = ["digest", "fingerprint", "home_name", "slug", "split_task"]

_LENGTH = 16


def split_task(task: str) -> tuple[str, str]:
    """Splits ``ENV/TASK`` into the id of the world and the name of the task.

    Args:
        task: as a scale names it.
    """
    env, _, name = task.rpartition("/")
    return env, name


def slug(task: str) -> str:
    """Makes a task's name fit for a file.

    Args:
        task: ``ENV/TASK``.
    """
    return task.replace("/", "-")


def fingerprint(card: EnvCard, task: str) -> str:
    """Hashes what the scores of a task depend on: fields, actions, learner, judges and reference; not the prose.

    Args:
        card: the world.
        task: name of its task.
    """
    spec = card.tasks[task]
    parts = [to_json(card.learner), to_json(card.actions), *card.fields]
    parts += [spec.success or "", spec.fitness, read_reference(spec) or ""]
    return _hash("\0".join(parts))


def digest(program: Program | None) -> str:
    """Hashes a reward program and its weights.

    Args:
        program: none: the reward is no program.
    """
    return _hash(to_json(program)) if program else ""


def home_name(task: str, *asked: str) -> str:
    """Names the folder of a run's home: another question, another home.

    Args:
        task: ``ENV/TASK``.
        asked: all that the run depends on.
    """
    return f"{slug(task)}-{_hash(chr(0).join(asked))}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
