"""A loopback model that writes rewards for CartPole by the book: good ones, broken ones, and repairs.

What it says depends on the question and the number of the sample alone, so that a run that is cut off anywhere and goes
on gets the same replies. Run as a program it serves until it is ended and prints its address.
"""

import hashlib
import json
import random
import sys
import threading

try:
    from .model_server import ModelServer, completion
except ImportError:
    from model_server import ModelServer, completion

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


def write(prompt, chance):
    """Writes one reply."""
    if "You decide how a task is judged" in prompt:
        return JUDGES
    is_repair = "The reward to repair" in prompt
    if not is_repair and chance.random() < 0.3:
        return {"rationale": "A guess.", "source": chance.choice(BROKEN)}
    lines = [f'        "{name}": {chance.uniform(0.5, 2.0):.3f} * ({term}),' for name, term in chance.sample(TERMS, 3)]
    source = "\n".join(["def reward(s, a, n):", '    """Balance."""', "    return {", *lines, "    }", ""])
    return {"rationale": "Balance with three terms.", "source": source}


class RewardWriter:
    """Is the ``otherwise`` of a ``ModelServer``; counts how often each reply was asked for."""

    def __init__(self):
        self.asked = {}
        self._lock = threading.Lock()

    def __call__(self, handler, body, number):
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        seed = body.get("seed")
        texts = []
        for sample in range(body.get("n") or 1):
            key = hashlib.sha256(f"{prompt}/{seed}/{sample}".encode()).hexdigest()
            with self._lock:
                self.asked[key] = self.asked.get(key, 0) + 1
            texts.append(json.dumps(write(prompt, random.Random(key))))
        if body.get("stream"):
            _stream(handler, texts[0])
            return
        handler.send(200, json.dumps(completion(body, texts)).encode(), content_type="application/json")


def _stream(handler, text):
    handler.begin_stream()
    base = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "tiny-1"}
    for piece in [text[i : i + 40] for i in range(0, len(text), 40)]:
        handler.event({**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]})
    handler.event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    handler.event({**base, "choices": [], "usage": usage})
    handler.event(b"[DONE]")


if __name__ == "__main__":
    with ModelServer() as server:
        server.otherwise = RewardWriter()
        print(server.url, flush=True)
        sys.stdin.read()
