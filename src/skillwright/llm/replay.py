"""Repeats the replies of an earlier run from a file, so that the run can be reproduced without its models.

A reply is found by what was said to the model, the schema, and the number of the sample: not by the model, nor by how
it was asked. A run in which several models shared a question is reproduced if each sample had a number of its own (see
``Asker.ask``); of two replies to one sample, the earlier counts. What failed for good in the run fails again.
"""

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import ConfigError, ModelUnavailable, storage_errors
from skillwright.core.journal import Journal
from skillwright.core.serialising import from_json, to_json
from skillwright.llm.chat import Message, Question, Replies, Reply, Stream, Usage
from skillwright.llm.exchanges import read_exchanges, read_unanswered

__all__ = ["ReplayModel", "write_replay"]

_MAX_SHOWN: Final = 80


class _Asked(NamedTuple):
    """What tells one recorded reply from another."""

    messages: tuple[Message, ...]
    reply_schema: str | None
    sample: int


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
    recorded: Mapping["_Asked", tuple[Reply, str]]
    """What was asked -> the reply, and who gave it."""

    @classmethod
    def open(cls, path: Path) -> "ReplayModel":
        """Reads a replay file.

        Args:
            path: what ``write_replay`` wrote.

        Raises:
            ConfigError: there is no such file, or it is none; with file and line.
        """
        recorded: dict[_Asked, tuple[Reply, str]] = {}
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
                recorded.setdefault(_asked(line.question, sample), (reply, line.model))
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
        wanted = [_asked(question, question.sample + i) for i in range(num_samples)]
        found = [self.recorded[one] for one in itertools.takewhile(self.recorded.__contains__, wanted)]
        if not found:
            raise self._unknown(question)
        if num_samples == 1:
            stream(found[0][0].text)
        served_by = next((model for _, model in found if model), "")
        return Replies([reply for reply, _ in found], Usage(prompt_tokens=0, completion_tokens=0), served_by)

    def _unknown(self, question: Question) -> ModelUnavailable:
        text = " ".join(question.messages[0].text.split())
        shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
        return ModelUnavailable(
            f"{self.path} has no reply number {question.sample} to the question {shown!r}; it repeats only the run it "
            "was written from: the same task, env, seed, sizes, prompts and agent profile, by the same version"
        )


def write_replay(journal: Journal, run_id: str, path: Path) -> int:
    """Writes all replies that a run got, and which it did not get, into a file for ``replay:FILE``.

    An older file is replaced whole.

    Args:
        journal: the journal.
        run_id: id of the run.
        path: the file.

    Returns:
        How many requests brought what it holds.

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
    answered = {_asked(line.question, line.question.sample + i) for line in lines for i in range(len(line.replies))}
    lost = [
        one for one in read_unanswered(journal, run_id) if _asked(one.question, one.question.sample) not in answered
    ]
    lines += [
        _Line(question=one.question, replies=(Reply(text=one.failure, finish=one.finish),), model="") for one in lost
    ]
    part = path.with_name(f"{path.name}.part")
    with storage_errors(path):
        part.write_text("".join(f"{to_json(line)}\n" for line in lines), encoding="utf-8")
        os.replace(part, path)
    return len(kept)


def _asked(question: Question, sample: int) -> _Asked:
    return _Asked(question.messages, question.reply_schema, sample)
