"""Measures, in a worker and from outside the product, the CPU time that is spent inside the worlds' own step."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from benchmarks.population import train_population
from benchmarks.protocol import Message, Training, TrainingRequest
from benchmarks.stopwatch import Stopwatch
from benchmarks.worlds import ppo_config
from skillwright.compute.executor import Report
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import Actions, EnvCard, make_vector_env
from skillwright.learners.worlds import training_seed

__all__ = ["Metered", "step_at_random", "train"]

P = ParamSpec("P")
T = TypeVar("T")


class Metered(Message):
    """What one worker spent."""

    training: Training
    num_policies: int
    env_cpu_s: float
    """CPU seconds of all threads of the worker inside the worlds' own step."""


class _Meter:
    """Adds up the CPU time of the process while something is called."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def watch(self, function: Callable[P, T]) -> Callable[P, T]:
        def watched(*args: P.args, **kwargs: P.kwargs) -> T:
            begin = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.cpu_s += time.process_time() - begin

        return watched


def train(text: str, _: Report) -> str:
    """Trains a population; a ``Function`` of ``skillwright.compute`` for a worker of its own.

    Args:
        text: a ``TrainingRequest``.

    Returns:
        A ``Metered``.
    """
    request = from_json(TrainingRequest, text)
    meter, stopwatch, num_policies = _meter_envpool(), Stopwatch(request), len(request.seeds)
    readings: list[float] = []

    def report(timesteps: int, fitness: float | None) -> None:
        stopwatch.lap(timesteps // num_policies)
        readings.append(meter.cpu_s)

    train_population(request, report)
    env_cpu_s = readings[-1] - readings[0]
    return to_json(Metered(training=stopwatch.read(), num_policies=num_policies, env_cpu_s=env_cpu_s))


def step_at_random(text: str, _: Report) -> str:
    """Steps as many worlds as often, with random actions; a ``Function`` for a worker of its own.

    Args:
        text: a ``TrainingRequest``.

    Returns:
        A ``Metered``.
    """
    request = from_json(TrainingRequest, text)
    config, num_policies = ppo_config(request.card), len(request.seeds)
    meter, stopwatch = _meter_envpool(), Stopwatch(request)
    worlds = [training_seed(seed, env) for seed in request.seeds for env in range(config.num_envs)]
    env = make_vector_env(request.card, worlds)
    actions = _draw_actions(request.card, config.num_steps, len(worlds))
    env.reset()
    readings = []
    for rollout in range(request.num_rollouts):
        for row in actions:
            env.step(row)
        stopwatch.lap((rollout + 1) * config.rollout_timesteps)
        readings.append(meter.cpu_s)
    env.close()
    env_cpu_s = readings[-1] - readings[0]
    return to_json(Metered(training=stopwatch.read(), num_policies=num_policies, env_cpu_s=env_cpu_s))


def _meter_envpool() -> _Meter:
    """Has every EnvPool made from now on in this process metered."""
    import envpool

    meter, names = _Meter(), envpool.__dict__
    make = names["make"]

    def make_metered(*args: object, **kwargs: object) -> object:
        pool = make(*args, **kwargs)
        pool.step = meter.watch(pool.step)
        return pool

    names["make"] = make_metered
    return meter


def _draw_actions(card: EnvCard, num_steps: int, num_envs: int) -> list[Actions]:
    random = np.random.default_rng(0)
    if card.actions.kind == "discrete":
        return list(random.integers(card.actions.size, size=(num_steps, num_envs)))
    low, high = (np.array(bound, np.float32) for bound in card.actions.bounds)
    shape = (num_steps, num_envs, card.actions.size)
    return list(random.uniform(low, high, size=shape).astype(np.float32))
