"""Controllers written by hand for the robots, and what the worlds themselves say of the episodes they play."""

from collections.abc import Callable
from typing import NamedTuple

import envpool
import numpy as np
from numpy.typing import NDArray

from skillwright.envs.card import EnvCard
from skillwright.envs.flattening import flat_observation
from skillwright.envs.transitions import StateView, TransitionBlock

__all__ = ["CONTROLLERS", "Episode", "Place", "play", "state_of"]

Place = NDArray[np.floating]
State = dict[str, Place]
Controller = Callable[[State], Place]
"""Chooses an action by the named fields of one state."""


class Episode(NamedTuple):
    block: TransitionBlock
    success: NDArray[np.bool_]
    """What the world itself said after each step."""


def play(card: EnvCard, controller: Controller, seed: int) -> Episode:
    """Plays one episode in EnvPool, of which the world's own signal is kept."""
    world = envpool.make(
        card.envpool_id, env_type="gymnasium", num_envs=1, env_seed=[seed], num_threads=1, **card.envpool_options
    )
    low, high = np.array(card.actions.bounds)
    observation = flat_observation(world.reset()[0], card.observation_keys, 1)
    rows, success = [], []
    for _ in range(card.horizon):
        action = np.clip(controller(state_of(card, observation)), low, high)
        after, reward, terminated, time_out, info = world.step(action[None].astype(world.action_space.dtype))
        after = flat_observation(after, card.observation_keys, 1)
        rows.append((observation[0], action.astype(np.float32), after[0], terminated[0], time_out[0], reward[0]))
        success.append(bool(info["is_success" if "is_success" in info else "success"][0]))
        observation = after
        if terminated[0]:
            break
    world.close()
    return Episode(TransitionBlock(*(np.array(column) for column in zip(*rows, strict=True))), np.array(success))


def state_of(card: EnvCard, observation: NDArray[np.float32]) -> State:
    view = StateView("the state", card, observation, {})
    return {name: view.column(name)[0] for name in card.fields}


def at(x: float, y: float, z: float) -> Place:
    return np.array([x, y, z])


def go(state: State, place: Place, fingers: float = 0.0) -> Place:
    """Moves the hand straight to a place."""
    return np.append(10 * (place - state["hand"]), fingers)


def is_beside(state: State, place: Place, metres: float) -> bool:
    """Says whether the hand is that near, seen from above."""
    return bool(np.hypot(*(state["hand"] - place)[:2]) < metres)


def over_then(state: State, start: Place, then: Place, *, reach: float, fingers: float, level: float = 0.04) -> Place:
    """Comes down on a place from above, and goes on to the next from there."""
    if not is_beside(state, start, reach):
        return go(state, start + at(0, 0, 0.2), fingers)
    return go(state, then if abs(state["hand"][2] - start[2]) < level else start, fingers)


def reach(state: State) -> Place:
    return go(state, state["goal"] + at(0, 0, 0.044))


def push(state: State) -> Place:
    puck = state["object"]
    if not is_beside(state, puck, 0.02):
        return go(state, puck + at(0, 0, 0.2))
    if abs(state["hand"][2] - puck[2]) > 0.05:
        return go(state, puck + at(0, 0, 0.03))
    return go(state, state["goal"] + at(0, 0, 0.03), 0.6)


def pick_place(state: State) -> Place:
    puck = state["object"] - at(0.005, 0, 0)
    if not is_beside(state, puck, 0.02):
        return go(state, puck + at(0, 0, 0.1), -1)
    if state["hand"][2] - puck[2] > 0.055 and puck[2] < 0.04:
        return go(state, puck + at(0, 0, 0.03), -1)
    return go(state, (puck if state["gripper"] > 0.73 else state["goal"] + at(0, 0, 0.01)) + at(0, 0, 0.03), 1)


def open_door(state: State) -> Place:
    hook = state["object"] + at(0.01, 0.02, 0)
    return over_then(state, hook, state["object"] - at(0.05, 0, 0), reach=0.12, fingers=0)


def open_drawer(state: State) -> Place:
    handle = state["object"] - at(0, 0, 0.02)
    return over_then(state, handle, handle - at(0, 0.06, 0), reach=0.06, fingers=-1)


def press_down(state: State) -> Place:
    button = state["object"]
    return go(state, button + (at(0, 0, -0.2) if is_beside(state, button, 0.03) else at(0, 0, 0.1)), 1)


def press_in(state: State) -> Place:
    front = state["object"] + at(0, -0.03, 0.03)
    if np.hypot(*(state["hand"] - front)[[0, 2]]) > 0.02:
        return go(state, at(front[0], min(state["hand"][1], 0.5), front[2]), 1)
    return go(state, front + at(0, 0.2, 0), 1)


def slide_window(side: float) -> Controller:
    def control(state: State) -> Place:
        start = state["object"] + at(-0.03 * side, -0.03, 0)
        return over_then(state, start, start + at(0.15 * side, 0, 0), reach=0.04, fingers=1)

    return control


def turn_faucet(side: float) -> Controller:
    def control(state: State) -> Place:
        handle = state["object"]
        start = handle + at(-0.04 * side, 0, 0.03)
        is_low = abs(state["hand"][2] - start[2]) < 0.04
        if is_low and side * (handle - state["hand"])[0] > 0.01:
            return go(state, handle + at(0.15 * side, 0.1, 0.03), 1)
        return go(state, start if is_beside(state, start, 0.04) else start + at(0, 0, 0.15), 1)

    return control


def slide_plate(state: State) -> Place:
    edge = state["object"] + at(0, -0.06, 0.03)
    return over_then(state, edge, state["goal"] + at(0, 0, 0.03), reach=0.05, fingers=-1)


def press_handle(state: State) -> Place:
    handle = state["object"] - at(0, 0.02, 0)
    return go(state, handle + (at(0, 0, -0.5) if is_beside(state, handle, 0.02) else at(0, 0, 0.2)), 1)


def reach_with_fetch(state: State) -> Place:
    return go(state, state["goal"])


def pick_with_fetch(state: State) -> Place:
    cube, is_held = state["object"], state["fingers"][0] < 0.027 and state["hand_to_object"] < 0.02
    if is_held:
        return go(state, state["goal"], -1)
    if not is_beside(state, cube, 0.012):
        return go(state, cube + at(0, 0, 0.1), 1)
    return go(state, cube, -1 if state["hand_to_object"] < 0.012 else 1)


CONTROLLERS: dict[str, Controller] = {
    "metaworld/Reach-v3": reach,
    "metaworld/Push-v3": push,
    "metaworld/PickPlace-v3": pick_place,
    "metaworld/DoorOpen-v3": open_door,
    "metaworld/DrawerOpen-v3": open_drawer,
    "metaworld/ButtonPressTopdown-v3": press_down,
    "metaworld/ButtonPress-v3": press_in,
    "metaworld/WindowOpen-v3": slide_window(1),
    "metaworld/WindowClose-v3": slide_window(-1),
    "metaworld/FaucetOpen-v3": turn_faucet(1),
    "metaworld/FaucetClose-v3": turn_faucet(-1),
    "metaworld/PlateSlide-v3": slide_plate,
    "metaworld/HandlePress-v3": press_handle,
    "fetch/FetchReach-v4": reach_with_fetch,
    "fetch/FetchPickAndPlace-v4": pick_with_fetch,
}
