"""A policy learned from logged episodes under a new reward: where a candidate's training begins, at no env step.

Advantage-weighted regression (Peng, Kumar, Zhang and Levine 2019, arXiv:1910.00177, algorithm 1) on one fixed log::

    V ← argmin Σ (Rλₜ − V(sₜ))²,   π ← argmax Σ exp(Âₜ / β) log π(aₜ | sₜ),   Â = (Rλ − V) / deviation

A reward changes neither what was seen nor what was done, so the same log serves every reward: only R is computed anew.

Deviations: advantages are divided by their deviation, because candidates' rewards differ in scale, and so one β serves
them all; the value is fitted in rounds, the first to Monte Carlo returns, each later one to TD(λ) targets from the one
before (time limits bootstrap); there is one policy step, for the log is fixed. The policy can be no better than the
best of what was logged, piece by piece; training improves on it.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ConfigError
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners.actor import Actor
from skillwright.learners.advantage import Discount, generalized_advantages
from skillwright.learners.policy import Policy, normalize
from skillwright.learners.problem import Learner
from skillwright.learners.threads import one_thread

__all__ = ["Relabelled", "refuse_unable", "warm_start"]

Float = NDArray[np.float32]

_ROUNDS: Final = 3
_LAMBDA: Final = 0.95
_TEMPERATURE: Final = 0.5
"""β, in deviations of the advantage."""
_LARGEST_WEIGHT: Final = 20.0
"""As in the paper."""
_VALUE_UPDATES: Final = 200
"""Gradient steps in each round."""
_POLICY_UPDATES: Final = 1000
"""Gradient steps, of Adam on minibatches of 256."""


class Relabelled(NamedTuple):
    """Whole episodes, one behind the other, under a candidate's reward."""

    block: TransitionBlock
    ends: NDArray[np.int64]
    """One past the last transition of each episode. Shape: (num_episodes,)."""
    reward: Float
    """Shape: (num_transitions,)."""


class _Start(NamedTuple):
    """An actor that knows nothing yet."""

    actor: Actor
    gamma: float


def refuse_unable(learner: Learner, name: str) -> None:
    """Refuses a learner whose actors cannot begin with what logs teach.

    Args:
        learner: of a card.
        name: under which it is registered.

    Raises:
        ConfigError: it is neither PPO nor SAC.
    """
    from skillwright.learners.ppo import PopulationPPO
    from skillwright.learners.sac import PopulationSAC

    if not isinstance(learner, PopulationPPO | PopulationSAC):
        raise ConfigError(f"the learner {name!r} cannot begin with what experience teaches; ppo and sac can")


def warm_start(card: EnvCard, learner: Learner, log: Relabelled, *, seed: int) -> Policy:
    """Learns a policy from a log, as an actor of a learner.

    Args:
        card: the world.
        learner: PPO or SAC.
        log: at least one transition.
        seed: of everything random.

    Returns:
        What an ``Entrant`` may start from. The same arguments give identical arrays on the same machine.
    """
    start = _begin(card, learner, seed)
    observation = log.block.observation
    mean = observation.mean(axis=0, dtype=np.float64)
    scale = 1.0 / np.sqrt(observation.var(axis=0, dtype=np.float64) + 1e-8)
    mean, scale = mean.astype(np.float32), scale.astype(np.float32)
    seen, after = (normalize(one, mean, scale) for one in (observation, log.block.next_observation))
    with one_thread():
        from skillwright.learners.warm_start_regression import Deeds, clone, fit_value

        random = generator(seed, "warm start")
        value, last = np.zeros(len(seen), np.float32), np.zeros(len(seen), np.float32)
        for number in range(_ROUNDS):
            discount = Discount(start.gamma, 1.0 if number == 0 else _LAMBDA)
            target = _returns(log, value, last, discount)
            fitted = fit_value(seen, target, num_updates=_VALUE_UPDATES, random=random)
            value, last = fitted(seen), fitted(after)
        advantage = _returns(log, value, last, Discount(start.gamma, _LAMBDA)) - value
        deeds = Deeds(seen, _targets(card, log.block), _weights(advantage))
        clone(start.actor, deeds, num_updates=_POLICY_UPDATES, random=random)
    return start.actor.to_policy(card, mean, scale)


def _begin(card: EnvCard, learner: Learner, seed: int) -> _Start:
    """Makes an actor as the learner would."""
    from skillwright.learners.ppo import PopulationPPO
    from skillwright.learners.ppo import layout as ppo
    from skillwright.learners.sac import PopulationSAC
    from skillwright.learners.sac import layout as sac

    random, num_seen, num_acted = generator(seed, "weights"), card.observation_size, card.actions.size
    if isinstance(learner, PopulationPPO):
        is_discrete, config = card.actions.kind == "discrete", learner.config
        of_ppo = ppo.Layout(ppo.Shape(num_seen, num_acted, is_discrete, config.hidden_sizes))
        return _Start(of_ppo.actor_in(of_ppo.initialize([random])[0]), config.gamma)
    assert isinstance(learner, PopulationSAC), "refused before"
    of_sac = sac.Layout(sac.Shape(num_seen, num_acted, learner.config.hidden_sizes))
    vectors = of_sac.initialize([random], learner.config.initial_temperature)
    return _Start(of_sac.actor_in(vectors.actor[0]), learner.config.gamma)


def _returns(log: Relabelled, value: Float, last: Float, discount: Discount) -> Float:
    """Computes TD(λ) targets, episode by episode; ``last`` is the value of the state after each transition."""
    targets = []
    for begin, end in zip([0, *log.ends[:-1]], log.ends, strict=True):
        terminated = log.block.terminated[begin:end]
        ended = terminated | log.block.truncated[begin:end]
        estimate = generalized_advantages(
            log.reward[None, begin:end, None],
            np.append(value[begin:end], last[end - 1])[None, :, None],
            terminated=terminated[None, :, None],
            ended=ended[None, :, None],
            discount=discount,
        )
        targets.append(estimate.returns[0, :, 0])
    return np.concatenate(targets)


def _weights(advantage: Float) -> Float:
    """Computes exp(Â/β), no larger than in the paper, with a mean of 1."""
    standard = advantage / max(float(advantage.std()), 1e-8)
    weights = np.exp(np.minimum(standard / _TEMPERATURE, math.log(_LARGEST_WEIGHT)))
    standardized: Float = (weights / weights.mean()).astype(np.float32)
    return standardized


def _targets(card: EnvCard, block: TransitionBlock) -> NDArray[np.int64] | Float:
    """Gives choices, or values in [-1, 1] units."""
    if card.actions.kind == "discrete":
        return np.asarray(block.action, np.int64)
    low, high = (np.array(bound, np.float32) for bound in card.actions.bounds)
    return (2.0 * (np.asarray(block.action, np.float32) - low) / (high - low) - 1.0).astype(np.float32)
