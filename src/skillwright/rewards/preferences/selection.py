"""Which pairs of clips to ask about: at random first, then those the ensemble disagrees on most.

Christiano et al. 2017 (arXiv:1706.03741, 2.2.4) ask about the pairs over which the members' predictions vary most;
PEBBLE (Lee et al. 2021, arXiv:2106.05091, 4.2) finds this the better the longer the fit goes on. Held-out pairs are
always drawn at random, from episodes of their own, so that their accuracy means the same at any time.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import EnvCard, TransitionBlock
from skillwright.rewards.preferences.bradley_terry import clip_returns, preference
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.features import features
from skillwright.rewards.preferences.model import PreferenceModel
from skillwright.rewards.preferences.records import Clip, Footage, Pair, Shot

__all__ = ["HELD_OUT_EVERY", "Rank", "disagreement", "draw_clip", "draw_pairs"]

Rank = Callable[[Sequence[Pair]], NDArray[np.float64]]
"""Says how much there is to learn from each pair; more is better."""

HELD_OUT_EVERY: Final = 5
"""Of so many pairs, one is held out."""
_TRIES: Final = 20
_POOL_FACTOR: Final = 10
"""Pairs that are drawn for each one that is asked about, as in both papers."""


def draw_pairs(
    footage: Footage, numbers: Sequence[int], random: np.random.Generator, *, rank: Rank | None = None
) -> list[Pair]:
    """Selects the pairs of one batch.

    Args:
        footage: the recorded episodes, some held out and some not.
        numbers: of the pairs, counted from 0 over the session; every fifth is held out.
        random: source of chance.
        rank: how much there is to learn from a pair; none: all alike.

    Returns:
        One pair per number, in order.
    """
    held_out = [number for number in numbers if _is_held_out(number)]
    others = [number for number in numbers if not _is_held_out(number)]
    pairs = _draw(_shots(footage, held_out=True), footage.clip_steps, held_out, random)
    pool_size = len(others) * (_POOL_FACTOR if rank else 1)
    pool = _draw(_shots(footage, held_out=False), footage.clip_steps, range(pool_size), random)
    order = np.argsort(-rank(pool), kind="stable") if rank and pool else np.arange(pool_size)
    chosen = [pool[index] for index in order[: len(others)]]
    pairs += [pair.model_copy(update={"id": _name(number)}) for pair, number in zip(chosen, others, strict=True)]
    return sorted(pairs, key=lambda pair: pair.id)


def draw_clip(shots: Sequence[Shot], clip_steps: int, random: np.random.Generator) -> Clip:
    """Cuts a clip from anywhere, every clip of every episode alike probable.

    Args:
        shots: the recorded episodes, at least one.
        clip_steps: its length; an episode that is shorter is taken whole.
        random: source of chance.
    """
    places = np.array([max(1, shot.num_transitions - clip_steps + 1) for shot in shots])
    place = int(random.integers(places.sum()))
    index = int(np.searchsorted(np.cumsum(places), place, side="right"))
    start = place - int(places[:index].sum())
    shot = shots[index]
    return Clip(episode=shot.episode, start=start, stop=min(start + clip_steps, shot.num_transitions))


def disagreement(card: EnvCard, shelf: Shelf, model: PreferenceModel, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Measures how little the members of an ensemble agree which clip is preferred.

    Args:
        card: the world.
        shelf: holds the episodes.
        model: the ensemble.
        pairs: at least one.

    Returns:
        Variance of P̂[a ≻ b] over the members, between 0 and 0.25. Shape: (num_pairs,).
    """
    returns = np.stack([_member_returns(card, shelf, model, pair) for pair in pairs], axis=1)
    variance: NDArray[np.float64] = preference(returns[..., 0], returns[..., 1]).var(axis=0)
    return variance


def _member_returns(card: EnvCard, shelf: Shelf, model: PreferenceModel, pair: Pair) -> NDArray[np.float64]:
    """Predicts what each member thinks both clips are worth. Shape: (num_members, 2)."""
    a, b = shelf.clip(pair.a), shelf.clip(pair.b)
    rewards = model.member_rewards(features(card, TransitionBlock.join([a, b]))) / model.tensors["gain"]
    return clip_returns(rewards, np.array([a.num_transitions, b.num_transitions]))


def _is_held_out(number: int) -> bool:
    return number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1


def _name(number: int) -> str:
    return f"{number:04d}"


def _shots(footage: Footage, *, held_out: bool) -> list[Shot]:
    return [shot for shot in footage.shots if shot.held_out == held_out]


def _draw(shots: Sequence[Shot], clip_steps: int, numbers: Sequence[int], random: np.random.Generator) -> list[Pair]:
    pairs = []
    for number in numbers:
        a, b = _draw_two(shots, clip_steps, random)
        pairs.append(Pair(id=_name(number), a=a, b=b, held_out=shots[0].held_out))
    return pairs


def _draw_two(shots: Sequence[Shot], clip_steps: int, random: np.random.Generator) -> tuple[Clip, Clip]:
    """Cuts two clips, which are the same only if there is hardly another one."""
    a, b = draw_clip(shots, clip_steps, random), draw_clip(shots, clip_steps, random)
    for _ in range(_TRIES):
        if a != b:
            break
        b = draw_clip(shots, clip_steps, random)
    return a, b
