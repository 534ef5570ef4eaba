"""A loopback model that writes rewards for CartPole by the book: good ones, broken ones, and repairs.

What it says depends on the question and the number of the sample alone, so that a run that is cut off anywhere and goes
on gets the same replies. Run as a program it serves until it is ended and prints its address.
"""

import hashlib
import json
import random
import sys
import threading
import time
from typing import NamedTuple

try:
    from .model_server import USAGE, ModelServer, completion
except ImportError:
    from model_server import USAGE, ModelServer, completion

TERMS = [
    ("upright", "np.cos(n.angle)"),
    ("still", "-0.1 * np.abs(n.angular_velocity)"),
    ("centre", "-0.2 * np.abs(n.x)"),
    ("alive", "1.0 - n.terminated"),
    ("progress", "5.0 * (np.abs(s.angle) - np.abs(n.angle))"),
    ("calm", "-0.05 * np.abs(n.vx)"),
    ("near", "np.exp(-(n.x / 0.5) ** 2)"),
]
BROKEN = [
    "def reward(s, a, n):\n    return {'up': n.height, 'still': -np.abs(n.angle)}\n",
    "def reward(s, a, n):\n    return {'up': np.log(-1.0 - np.abs(n.x))}\n",
    "import os\ndef reward(s, a, n):\n    return {'up': n.x}\n",
]
JUDGES = {
    "understood": "Keep the cart left of the middle.",
    "success_in_words": "The cart is left of -0.2 m at the end of an episode of at least 50 steps.",
    "success": "def success(s, a, n):\n    return len(n.x) >= 50 and n.x[-1] < -0.2\n",
    "fitness_in_words": "Mean distance to the left, in m.",
    "fitness": "def fitness(s, a, n):\n    return float(-n.x.mean())\n",
}


def write(prompt, chance, share_broken=0.3):
    """Writes one reply."""
    if "You decide how a task is judged" in prompt:
        return JUDGES
    is_repair = "The reward to repair" in prompt
    if not is_repair and chance.random() < share_broken:
        return {"rationale": "A guess.", "source": chance.choice(BROKEN)}
    lines = [f'        "{name}": {chance.uniform(0.5, 2.0):.3f} * ({term}),' for name, term in chance.sample(TERMS, 3)]
    source = "\n".join(["def reward(s, a, n):", '    """Balance."""', "    return {", *lines, "    }", ""])
    return {"rationale": "Balance with three terms.", "source": source}


class Request(NamedTuple):
    """A request that was heard, whether its reply arrived or not."""

    key: str
    """What the client gave as its key; it tells runs apart that ask the same."""
    seed: int
    """Tells the requests of one run apart."""
    num_samples: int
    prompt: str


class RewardWriter:
    """Is the ``otherwise`` of a ``ModelServer``; counts how often each reply was asked for.

    Args:
        pause_s: for which it thinks before it answers.
        share_broken: of the rewards that are not repairs.
        usage: tokens that it says each request took.
    """

    def __init__(self, pause_s=0.0, *, share_broken=0.3, usage=USAGE):
        self.asked = {}
        self.requests = []
        self.pause_s, self.share_broken, self.usage = pause_s, share_broken, usage
        self._lock = threading.Lock()

    def __call__(self, handler, body, number):
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        seed = body.get("seed")
        num_samples = body.get("n") or 1
        key = (handler.headers["authorization"] or "").removeprefix("Bearer ")
        with self._lock:
            self.requests.append(Request(key, seed, num_samples, prompt))
        time.sleep(self.pause_s)
        texts = []
        for sample in range(num_samples):
            name = hashlib.sha256(f"{prompt}/{seed}/{sample}".encode()).hexdigest()
            with self._lock:
                self.asked[name] = self.asked.get(name, 0) + 1
            texts.append(json.dumps(write(prompt, random.Random(name), self.share_broken)))
        if body.get("stream"):
            _stream(handler, texts[0], self.usage)
            return
        handler.send(
            200, json.dumps(completion(body, texts, usage=self.usage)).encode(), content_type="application/json"
        )


def _stream(handler, text, usage):
    handler.begin_stream()
    base = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "tiny-1"}
    for piece in [text[i : i + 40] for i in range(0, len(text), 40)]:
        handler.event({**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]})
    handler.event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    handler.event({**base, "choices": [], "usage": usage})
    handler.event(b"[DONE]")


if __name__ == "__main__":
    with ModelServer() as server:
        server.otherwise = RewardWriter()
        print(server.url, flush=True)
        sys.stdin.read()
