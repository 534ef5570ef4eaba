"""Repeats the replies of an earlier run from a file, so that the run can be reproduced without its model."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import ConfigError, ModelUnavailable, storage_errors
from skillwright.core.journal import Journal
from skillwright.core.serialising import from_json, to_json
from skillwright.llm.chat import Question, Replies, Reply, Stream, Usage
from skillwright.llm.exchanges import question_hash, read_exchanges

__all__ = ["ReplayModel", "write_replay"]

_MAX_SHOWN = 80


class _Line(BaseModel):
    """One line of the file: a question and the replies to it, the first one to the question's sample."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Question
    replies: tuple[Reply, ...]
    model: str
    """The model that answered, as it called itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayModel:
    """Answers what was asked before as it was answered then, sample by sample; costs nothing."""

    path: Path
    recorded: Mapping[tuple[str, int], tuple[Reply, str]]
    """Hash of a question and number of the sample -> the reply, and who gave it."""

    @classmethod
    def open(cls, path: Path) -> "ReplayModel":
        """Reads a replay file.

        Args:
            path: what ``write_replay`` wrote.

        Raises:
            ConfigError: there is no such file, or it is none; with file and line.
        """
        recorded: dict[tuple[str, int], tuple[Reply, str]] = {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the replay file {path} cannot be read: {error}") from error
        for number, text in enumerate(lines, 1):
            try:
                line = from_json(_Line, text)
            except ValidationError as error:
                how = "write it with `skillwright models replay RUN`"
                raise ConfigError(f"{path}:{number}: this is no line of a replay file; {how}") from error
            for sample, reply in enumerate(line.replies, line.question.sample):
                recorded.setdefault((question_hash(line.question), sample), (reply, line.model))
        return cls(path=path, recorded=recorded)

    @property
    def spec(self) -> str:
        """How the person named it."""
        return f"replay:{self.path}"

    @property
    def max_samples(self) -> int:
        """Most replies that one request can bring: all there are."""
        return max(1, len(self.recorded))

    def ask(self, question: Question, num_samples: int, *, seed: int, timeout_s: float, stream: Stream) -> Replies:
        """Repeats recorded replies.

        Args:
            question: what is asked.
            num_samples: how many replies are wanted; as many come as follow each other in the file.
            seed: not used.
            timeout_s: not used.
            stream: hears a single reply.

        Raises:
            ModelUnavailable: the file has no reply to this.
        """
        asked = question_hash(question)
        found: list[tuple[Reply, str]] = []
        for sample in range(question.sample, question.sample + num_samples):
            if (asked, sample) not in self.recorded:
                break
            found.append(self.recorded[asked, sample])
        if not found:
            raise self._unknown(question)
        if num_samples == 1:
            stream(found[0][0].text)
        return Replies([reply for reply, _ in found], Usage(prompt_tokens=0, completion_tokens=0), found[0][1])

    def _unknown(self, question: Question) -> ModelUnavailable:
        text = " ".join(question.messages[0].text.split())
        shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
        return ModelUnavailable(
            f"{self.path} has no reply number {question.sample} to the question {shown!r}; it repeats only the run it "
            "was written from: the same task, env, seed, sizes, prompts and agent profile, by the same version"
        )


def write_replay(journal: Journal, run_id: str, path: Path) -> int:
    """Writes all replies that a run got into a file for ``replay:FILE``; an older file is replaced whole.

    Args:
        journal: the journal.
        run_id: id of the run.
        path: the file.

    Returns:
        How many requests it holds.

    Raises:
        ConfigError: the run asked no model.
        NotFound: there is no such run.
        StorageError: the file cannot be written.
    """
    run_id = journal.run(run_id).id
    kept = [exchange for exchange in read_exchanges(journal, run_id) if exchange.replies]
    if not kept:
        raise ConfigError(f"run {run_id} got no reply of a model, so there is nothing to replay")
    lines = [_Line(question=one.question, replies=one.replies, model=one.served_by) for one in kept]
    part = path.with_name(f"{path.name}.part")
    with storage_errors(path):
        part.write_text("".join(f"{to_json(line)}\n" for line in lines), encoding="utf-8")
        os.replace(part, path)
    return len(lines)
