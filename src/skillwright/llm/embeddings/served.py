"""Embeddings from any server with OpenAI's ``/embeddings``.

The SDK is used as it is: LangChain's ``OpenAIEmbeddings`` counts tokens with tiktoken, which fetches its tables from
the network when it is first used.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from skillwright.core.errors import MissingExtra, ModelUnavailable
from skillwright.core.tracing import annotate, traced
from skillwright.llm.keys import NO_KEY, find_key, key_advice, key_variables, redact
from skillwright.llm.spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from openai import OpenAI

__all__ = ["ServedEmbedder"]

_BATCH: Final = 256
"""Texts of one request; servers refuse many more."""
_TIMEOUT_S: Final = 60.0
_NUM_RETRIES: Final = 2


class ServedEmbedder:
    """Asks a server.

    Args:
        spec: the model; ``openai``, ``ollama`` or ``vllm``.
        timeout_s: seconds after which a request ends.
    """

    def __init__(self, spec: ModelSpec, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._spec = spec
        self._timeout_s = timeout_s
        self._key = find_key(spec)

    @property
    def spec(self) -> str:
        """The embedder's name."""
        return str(self._spec)

    @property
    def description(self) -> str:
        """What it does, in a sentence for the person."""
        where = self._spec.url or "OpenAI"
        return f"embeddings of {self._spec.model} from {where}: texts are sent there"

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Embeds texts.

        Args:
            texts: any number of them.

        Returns:
            Shape: (len(texts), dim), float32; rows of length 1. Without texts, dim is 0.

        Raises:
            MissingExtra: the SDK is not installed.
            ModelUnavailable: the key is missing, the server cannot be reached, or it does not answer as it must.
        """
        import numpy as np

        if not texts:
            return np.zeros((0, 0), np.float32)
        client = self._open()
        with client:
            rows = [row for batch in _batches(texts) for row in self._ask(client, batch)]
        if len({len(row) for row in rows}) != 1:
            raise ModelUnavailable(f"{self.spec} sent vectors of different lengths")
        vectors = np.stack(rows)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise ModelUnavailable(f"{self.spec} sent a vector that has no direction")
        return np.asarray(vectors / lengths, np.float32)

    def _open(self) -> "OpenAI":
        try:
            from openai import OpenAI
        except ImportError:
            raise MissingExtra("openai", "models") from None
        if self._key is None and not self._spec.url:
            raise ModelUnavailable(f"{self.spec} needs a key: {key_advice(self._spec)}")
        secret = (self._key.secret if self._key else NO_KEY).get_secret_value()
        return OpenAI(base_url=self._spec.url, api_key=secret, timeout=self._timeout_s, max_retries=_NUM_RETRIES)

    @traced("embed")
    def _ask(self, client: "OpenAI", batch: list[str]) -> "list[NDArray[np.float32]]":
        from openai import OpenAIError

        annotate(model=self.spec, texts=len(batch))

        try:
            answer = client.embeddings.create(model=self._spec.model, input=batch, encoding_format="float")
            vectors = [_vector(item.embedding) for item in sorted(answer.data, key=lambda item: item.index)]
        except (OpenAIError, ValueError, TypeError, AttributeError) as error:  # the last three: an answer of no sense
            reason = redact(str(error), self._key.secret if self._key else None)[:500]
            names = " or ".join(key_variables(self._spec))
            hint = f"; is the server running, and does it need a key ({names})?" if self._spec.url else ""
            raise ModelUnavailable(f"{self.spec} gave no embeddings: {reason}{hint}") from None
        if len(vectors) != len(batch):
            raise ModelUnavailable(f"{self.spec} sent {len(vectors)} vectors for {len(batch)} texts")
        return vectors


def _vector(numbers: list[float]) -> "NDArray[np.float32]":
    import numpy as np

    vector = np.asarray(numbers, np.float32)
    if vector.ndim != 1:
        raise ValueError("a vector is no list of numbers")
    return vector


def _batches(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
