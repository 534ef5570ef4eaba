"""Plays and draws one episode in EnvPool, in a process of its own: a renderer that fails there ends only that.

Run as a program it hears an ``EpisodeRequest`` as JSON, then actions, on standard input, and answers on its output.
"""

import os
import signal
import tempfile
from importlib import import_module
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.envs.byte_channel import ByteChannel
from skillwright.envs.card import EnvCard
from skillwright.envs.vector import Actions

__all__ = ["FAILURE", "FRAME_SHAPE", "EpisodeRequest", "main", "step_type"]

FRAME_SHAPE: Final = (480, 480, 3)
"""Of every picture that EnvPool draws here."""

FAILURE: Final = b"!"
"""Begins an answer that only says why nothing can be drawn."""


class EpisodeRequest(BaseModel):
    """What shall be played and drawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    card: EnvCard
    """The world."""
    seed: int
    """Its seed."""
    steps_per_frame: int
    """Every so many steps the state is drawn; the first and the last state always are."""


def step_type(observation_size: int) -> np.dtype[np.void]:
    """Gives the layout of what the player answers to an action, after which a picture may follow.

    Args:
        observation_size: of the world.
    """
    return np.dtype(
        [("observation", "f4", observation_size), ("reward", "f4"), ("terminated", "?"), ("truncated", "?")]
    )


def main() -> None:
    """Plays one episode: sends the first state, then receives actions and answers each, until the episode ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever waits for the film
    channel = ByteChannel(os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what a simulator prints is no answer
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # MuJoCo writes its warnings into the working folder
        try:
            _play(channel, EpisodeRequest.model_validate_json(channel.receive()))
        except (EOFError, BrokenPipeError):
            pass  # nobody wants the rest
        except Exception as error:  # a renderer may raise anything where there is no display
            channel.send(FAILURE + f"{type(error).__name__}: {error}".encode())
        finally:
            os.chdir("/")


def _play(channel: ByteChannel, request: EpisodeRequest) -> None:
    from skillwright.envs.envpool_backend import EnvPoolVectorEnv

    # EnvPool draws only where OpenGL has been made ready for it.
    context = import_module("mujoco").GLContext(FRAME_SHAPE[1], FRAME_SHAPE[0])
    context.make_current()
    card = request.card
    env = EnvPoolVectorEnv(card, [request.seed], frame_size=FRAME_SHAPE[0])
    answer = np.zeros((), step_type(card.observation_size))
    answer["observation"] = env.reset()[0]
    channel.send(answer.tobytes() + _picture(env.draw()))
    num_steps, ended = 0, False
    while not ended:
        batch = env.step(_action(card, channel.receive()))
        num_steps += 1
        ended = bool(batch.terminated[0] or batch.truncated[0])
        answer["observation"], answer["reward"] = batch.observation[0], batch.reward[0]
        answer["terminated"], answer["truncated"] = batch.terminated[0], batch.truncated[0]
        is_drawn = ended or num_steps % request.steps_per_frame == 0
        channel.send(answer.tobytes() + (_picture(env.draw()) if is_drawn else b""))


def _action(card: EnvCard, received: bytes) -> Actions:
    if card.actions.kind == "discrete":
        return np.frombuffer(received, np.int64)
    return np.frombuffer(received, np.float32)[None]


def _picture(drawn: NDArray[np.uint8]) -> bytes:
    if drawn.shape != FRAME_SHAPE:
        raise ValueError(f"EnvPool drew a picture of shape {drawn.shape}")
    return drawn.tobytes()


if __name__ == "__main__":
    main()
