"""Finding out what a model can do, one thing after the other, by the requests that work will send too.

Servers accept what they do not understand: of three that were tried, two dropped ``n`` and the schema without a word.
So nothing is believed that the replies do not show.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from skillwright.core.errors import ModelUnavailable, NotFound
from skillwright.llm.chat import Message, Question, Replies, Stream, unheard
from skillwright.llm.checked import Answer, Checked, Probe, ProbeName, described_path
from skillwright.llm.failures import ModelError
from skillwright.llm.keys import find_key, key_advice
from skillwright.llm.langchain_model import LangChainModel
from skillwright.llm.langchain_request import OPENAI, Abilities
from skillwright.llm.models import make_model
from skillwright.llm.providers import PROVIDERS
from skillwright.llm.remembering import KnownModel
from skillwright.llm.reply_forms import ReplyForm
from skillwright.llm.served_models import ask_server
from skillwright.llm.spec import ModelSpec

__all__ = ["check_model"]

_FEW_TOKENS: Final = 64
_SCHEMA_TOKENS: Final = 512
"""Enough for a model that thinks before it answers; others stop at the end of the JSON."""
_WORDS: Final = ("vermilion", "ultramarine")
_SCHEMA: Final = json.dumps(
    {
        "title": "Paint",
        "description": "A paint.",
        "type": "object",
        "properties": {"pigment": {"type": "string", "enum": list(_WORDS)}},
        "required": ["pigment"],
        "additionalProperties": False,
    },
    sort_keys=True,
    separators=(",", ":"),
)
_MOST_DETAIL: Final = 200
_PLAIN: Final = Abilities(n=False, json_schema=False, json_mode=False, tools=False, seed=False, stream_usage=False)


def check_model(spec: ModelSpec, *, timeout_s: float, said: Callable[[Probe], None] = lambda probe: None) -> Checked:
    """Tries what a model can do.

    Each request ends after ``timeout_s`` and asks for at most 512 tokens; there are at most 10 of them.

    Args:
        spec: the model.
        timeout_s: seconds for each request.
        said: hears of each thing as soon as it was tried.

    Raises:
        ModelUnavailable: the model cannot be reached, or answers nothing at all.
        NotFound: the server does not have the model.
        MissingExtra: LangChain is not installed.
    """
    if spec.provider == "none":
        raise ModelUnavailable("'none' is no model, so there is nothing to check; it always works")
    trial = _Trial(spec, timeout_s, said)
    if spec.provider == "replay":
        trial.read()
    else:
        trial.reach()
        trial.reply()
        trial.abilities()
    return trial.finished()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    prompt: str
    abilities: Abilities = _PLAIN
    form: ReplyForm | None = None
    num_samples: int = 1
    seed: int = 0
    temperature: float | None = None
    stream: Stream = unheard


class _Finding(NamedTuple):
    answer: Answer
    detail: str


@dataclass(slots=True)
class _Trial:
    spec: ModelSpec
    timeout_s: float
    said: Callable[[Probe], None]
    probes: list[Probe] = field(default_factory=list)
    context_length: int | None = None
    tokens_per_second: float | None = None
    started: float = field(default_factory=time.monotonic)

    def read(self) -> None:
        """Opens a recording."""
        num_replies = make_model(self.spec).max_samples
        self._note("reachable", "yes", f"{num_replies} recorded replies")

    def reach(self) -> None:
        """Asks the server for its models, where its address is known; that costs nothing."""
        if not self.spec.url:
            return
        found = find_key(self.spec)
        key = found.secret if found else None
        answer = ask_server(self.spec.url, key, timeout_s=self.timeout_s)
        if not answer.is_there:
            raise ModelUnavailable(
                f"{self.spec}: the server at {self.spec.url} cannot be reached ({answer.problem}); is it running, "
                "and is its address right?"
            )
        if answer.status in (401, 403):
            what = "the key is wrong" if found else "the server wants a key"
            raise ModelUnavailable(f"{self.spec}: {what} ({answer.problem}); {key_advice(self.spec)}")
        names = [model.id for model in answer.models]
        if names and not any(name in (self.spec.model, f"{self.spec.model}:latest") for name in names):
            raise NotFound("model", self.spec.model, names, f"at {self.spec.url} there are {', '.join(names[:20])}")
        self._note("reachable", "yes", answer.problem or f"{len(names)} models at {self.spec.url}")
        self.context_length = next((one.max_model_len for one in answer.models if one.id == self.spec.model), None)
        told = f"{self.context_length:,} tokens" if self.context_length else "the server does not tell"
        self._note("context", "yes" if self.context_length else "unknown", told)

    def reply(self) -> None:
        """Asks for one plain reply; without one there is no use in going on."""
        try:
            replies = self._ask(_Request(prompt="Say hello in one word."))
        except ModelError as error:
            raise ModelUnavailable(f"{error}; {error.advice}") from None
        self._note("replies", "yes", f"as {replies.model}" if replies.model else "it answers")
        usage = replies.usage
        counted = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens"
        answer: Answer = "no" if usage.is_estimate else "yes"
        self._note("usage", answer, "estimated, as it does not count" if usage.is_estimate else counted)

    def abilities(self) -> None:
        """Tries one ability after the other; a recorded model, or a plugin's, has none to try."""
        if not isinstance(make_model(self.spec, abilities=_PLAIN), LangChainModel):
            return
        speaks_openai = PROVIDERS[self.spec.provider].langchain_name in OPENAI
        if speaks_openai:
            self._try("samples", self._two_samples)
            self._try("json_schema", lambda: self._follows_schema("json_schema", replace(_PLAIN, json_schema=True)))
        self._try("tools", lambda: self._follows_schema("tool", replace(_PLAIN, tools=True)))
        if speaks_openai:
            if not any(probe.name in ("json_schema", "tools") and probe.answer == "yes" for probe in self.probes):
                self._try("json_mode", lambda: self._follows_schema("json_mode", replace(_PLAIN, json_mode=True)))
            self._try("seed", self._repeats_itself)
        self._try("stream_usage", self._counts_at_the_end)
        self._try("speed", self._measure)

    def finished(self) -> Checked:
        """Sums up."""
        answers = {probe.name: {"yes": True, "no": False}.get(probe.answer) for probe in self.probes}
        abilities = Abilities(
            n=answers.get("samples"),
            json_schema=answers.get("json_schema"),
            json_mode=answers.get("json_mode"),
            tools=answers.get("tools"),
            seed=answers.get("seed"),
            stream_usage=answers.get("stream_usage"),
            context_length=self.context_length,
        )
        found = KnownModel(
            checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
            abilities=abilities,
            tokens_per_second=self.tokens_per_second,
        )
        path = described_path(abilities) if "speed" in answers else ()
        return Checked(model=str(self.spec), probes=tuple(self.probes), path=path, found=found)

    def _two_samples(self) -> _Finding:
        """Asks for two replies in one request."""
        request = _Request(prompt="Name a colour in one word.", abilities=replace(_PLAIN, n=True), num_samples=2)
        if len(self._ask(request).replies) == 2:
            return _Finding("yes", "two replies in one request")
        return _Finding("no", "one reply where two were wanted")

    def _follows_schema(self, form: ReplyForm, abilities: Abilities) -> _Finding:
        """Asks for something else than the schema allows: only a server that holds the schema keeps to it."""
        text = self._ask(_Request(prompt="Name an animal.", abilities=abilities, form=form)).replies[0].text
        if _fits_schema(text):
            return _Finding("yes", "the reply kept to the schema")
        return _Finding("no", f"accepted, but the reply was {text.strip()[:40]!r}")

    def _repeats_itself(self) -> _Finding:
        """Asks twice with one seed, and once with another."""
        request = _Request(prompt="Write five random words.", abilities=replace(_PLAIN, seed=True), temperature=1.0)
        first, second, other = (self._ask(replace(request, seed=seed)).replies[0].text for seed in (1, 1, 2))
        if first != second:
            return _Finding("no", "the same seed gave different replies")
        if first == other:
            return _Finding("unknown", "any seed gave the same reply")
        return _Finding("yes", "the same seed gave the same reply")

    def _counts_at_the_end(self) -> _Finding:
        """Listens to a reply, and looks for a count of tokens at its end."""
        pieces: list[str] = []
        abilities = replace(_PLAIN, stream_usage=True)
        request = _Request(prompt="Count from one to ten in words.", abilities=abilities, stream=pieces.append)
        if self._ask(request).usage.is_estimate:
            return _Finding("no", f"{len(pieces)} pieces, tokens not counted")
        return _Finding("yes", f"{len(pieces)} pieces, then the count")

    def _measure(self) -> _Finding:
        """Measures one longer reply."""
        started = time.monotonic()
        usage = self._ask(_Request(prompt="Describe a river in a few sentences.")).usage
        speed = usage.completion_tokens / max(time.monotonic() - started, 1e-6)
        self.tokens_per_second = round(speed, 2)
        about = "about " if usage.is_estimate else ""
        return _Finding("yes", f"{about}{speed:.3g} tokens/s over {usage.completion_tokens} tokens")

    def _ask(self, request: _Request) -> Replies:
        question = Question(
            messages=(Message(role="user", text=request.prompt),),
            reply_schema=_SCHEMA if request.form else None,
            temperature=request.temperature,
            max_tokens=_SCHEMA_TOKENS if request.form else _FEW_TOKENS,
        )
        model = make_model(self.spec, abilities=request.abilities)
        if isinstance(model, LangChainModel) and request.form:
            model = replace(model, forms=(request.form,))  # so that a refusal is heard, and not evaded
        return model.ask(
            question, request.num_samples, seed=request.seed, timeout_s=self.timeout_s, stream=request.stream
        )

    def _try(self, name: ProbeName, probe: Callable[[], _Finding]) -> None:
        try:
            answer, detail = probe()
        except ModelError as error:
            refused = error.kind in ("request", "reply", "unknown", "server")
            answer, detail = ("no" if refused else "unknown"), str(error)
        self._note(name, answer, " ".join(detail.split())[:_MOST_DETAIL])

    def _note(self, name: ProbeName, answer: Answer, detail: str) -> None:
        now = time.monotonic()
        probe = Probe(name=name, answer=answer, detail=detail, seconds=round(now - self.started, 3))
        self.started = now
        self.probes.append(probe)
        self.said(probe)


def _fits_schema(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == {"pigment"} and value["pigment"] in _WORDS
