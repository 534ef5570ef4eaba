"""New weights for the terms of a good reward, without a model: structure is the model's, numbers are an optimiser's.

The split is that of URDP (Uncertainty-aware Reward Design Process, TMLR 2025): Bayesian optimisation over the weights
of one reward's terms. Here the tree-structured Parzen estimator (Bergstra et al., NIPS 2011) of optuna, multivariate,
over the logarithms of the weights; every trained candidate with the same source is one of its trials. Deviation: there
is no inner loop. Each proposal is one suggestion, trained in the same population as everything else.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from skillwright.rewards.operators.parents import pick_parent
from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Program, Proposal

__all__ = ["Reweigh"]

_SPREAD: Final = math.log(8.0)
"""A weight moves by at most this factor from the parent's."""
_NUM_AT_RANDOM: Final = 4
"""Trials before the estimator is trusted."""


class Reweigh:
    """Suggests weights from all that is known of the same terms."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.15 if _tunable(view) else 0.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Proposal:
        """Makes one proposal; see ``Operator.apply``."""
        tunable = _tunable(view)
        rest = [one.candidate.id for one in view.parents if one.candidate.id not in tunable]
        parent = pick_parent(view, random, but=rest).candidate
        trials = [
            (tunable[one.candidate.id], one.fitness)
            for one in view.parents
            if one.candidate.id in tunable and one.candidate.program.source == parent.program.source
        ]
        weights = _suggest(tunable[parent.id], trials, int(random.integers(2**31)))
        moved = ", ".join(f"{name} {weight:.3g}" for name, weight in weights.items())
        return Proposal(
            operator="reweigh",
            author="optuna",
            parents=(parent.id,),
            rationale=f"New weights for {parent.id}: {moved}.",
            program=Program(source=parent.program.source, weights=weights),
        )


def _tunable(view: ProposerView) -> dict[str, dict[str, float]]:
    """Gives the weight of every term, for each parent whose terms are known and count more than nothing."""
    named = {
        one.candidate_id: list(one.curve[-1].terms)
        for generation in view.history
        for one in generation.trained
        if one.curve
    }
    weights = {
        one.candidate.id: {name: one.candidate.program.weights.get(name, 1.0) for name in named[one.candidate.id]}
        for one in view.parents
        if one.candidate.id in named
    }
    return {id: own for id, own in weights.items() if len(own) > 1 and min(own.values()) > 0.0}


def _suggest(
    parent: Mapping[str, float], trials: Sequence[tuple[Mapping[str, float], float]], seed: int
) -> dict[str, float]:
    """Asks the estimator for weights near the parent's."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    centres = {name: math.log(weight) for name, weight in parent.items()}
    space = {
        name: optuna.distributions.FloatDistribution(centre - _SPREAD, centre + _SPREAD)
        for name, centre in centres.items()
    }
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=_NUM_AT_RANDOM)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for weights, fitness in trials:
        logarithms = {name: math.log(weights[name]) for name in centres}
        if all(space[name].low <= value <= space[name].high for name, value in logarithms.items()):
            study.add_trial(optuna.trial.create_trial(params=logarithms, distributions=dict(space), value=fitness))
    suggested = study.ask(dict(space)).params
    return {name: float(f"{math.exp(logarithm):.4g}") for name, logarithm in suggested.items()}
