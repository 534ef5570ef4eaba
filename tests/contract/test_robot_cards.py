"""What the cards of robots say, held against what the worlds say themselves and do when a single motor moves."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from skillwright.envs import EnvCard, find_card, list_cards, make_vector_env
from skillwright.rewards.judge import Judge

from .robots import CONTROLLERS, Episode, Place, play, state_of

AT_THE_END = {"Reach-v3", "Push-v3", "PickPlace-v3", "PlateSlide-v3", "PegInsertSide-v3"}
"""Worlds of Meta-World in which what was brought somewhere has to stay there."""
SIGNALLING = [
    card.id
    for card in list_cards()
    if card.gymnasium_id is None and card.id.startswith(("metaworld", "fetch", "adroit"))
]
"""Worlds that say themselves whether the task is done."""


def at_random(card: EnvCard, seed: int) -> Callable[[dict[str, Place]], Place]:
    random, held = np.random.default_rng(seed), list[Place]()

    def control(state: dict[str, Place]) -> Place:
        if len(held) % 10 == 0:
            held.append(random.uniform(*card.actions.bounds))
        else:
            held.append(held[-1])
        return held[-1]

    return control


@cache
def episodes(card_id: str) -> list[Episode]:
    card = find_card(card_id)
    skilled = [play(card, CONTROLLERS[card_id], seed) for seed in range(4)] if card_id in CONTROLLERS else []
    return [*skilled, *(play(card, at_random(card, seed), seed) for seed in range(4))]


def wanted(card_id: str, success: np.ndarray) -> bool:
    """Says of an episode what its success program should, from the world's own signal after each step."""
    if card_id.startswith("fetch"):
        return bool(success[-1])
    return bool(success[-10:].all() if card_id.rpartition("/")[2] in AT_THE_END else success.any())


@pytest.mark.parametrize("card_id", [card_id for card_id in SIGNALLING if card_id != "metaworld/Reach-v3"])
def test_success_is_what_the_world_itself_says(card_id: str) -> None:
    card = find_card(card_id)
    [task] = card.tasks
    scores = Judge(card, task).score([episode.block for episode in episodes(card_id)])
    assert [score.success for score in scores] == [wanted(card_id, e.success) for e in episodes(card_id)]


def test_reaching_is_judged_as_by_the_world_but_for_the_width_of_a_finger() -> None:
    card = find_card("metaworld/Reach-v3")
    agreed = []
    for block, success in episodes(card.id):
        away = np.linalg.norm(block.next_observation[:, :3] - [0, 0, 0.044] - block.next_observation[:, 36:], axis=1)
        agreed.append(((away <= 0.05) == success)[np.abs(away - 0.05) > 0.01])
    assert np.concatenate(agreed).all()
    assert np.concatenate(agreed).size > 1000


@pytest.mark.parametrize("card_id", CONTROLLERS)
def test_a_controller_written_by_hand_succeeds_and_is_fitter_than_chance(card_id: str) -> None:
    card = find_card(card_id)
    [task] = card.tasks
    scores = Judge(card, task).score([episode.block for episode in episodes(card_id)])
    assert sum(bool(score.success) for score in scores[:4]) >= 3
    assert np.mean([score.fitness for score in scores[:4]]) > np.mean([score.fitness for score in scores[4:]]) + 0.2


def drive(card: EnvCard, component: str | None, num_steps: int) -> dict[str, Place]:
    """Drives one motor, or none, from the same beginning; gives the state at the end."""
    env = make_vector_env(card, [7], backend="envpool")
    observation = env.reset()
    action = np.zeros((1, card.actions.size), np.float32)
    if component is not None:
        action[0, list(card.actions.components).index(component)] = 1.0
    for _ in range(num_steps):
        observation = env.step(action).observation
    env.close()
    return state_of(card, observation)


MOTORS = [
    *(
        (card_id, f"move_{axis}", "hand", index)
        for card_id in ("metaworld/Reach-v3", "metaworld/DoorOpen-v3", "fetch/FetchReach-v4", "fetch/FetchPush-v4")
        for index, axis in enumerate("xyz")
    ),
    *(("panda/PandaPickCube-v1", f"joint_{k + 1}", "arm", k) for k in range(7)),
    *(("kitchen/FrankaKitchen-v1", f"joint_{k + 1}", "arm", k) for k in range(7)),
    *(
        ("aloha/AlohaHandOver-v1", f"{side}_{joint}", f"{side}_arm", k)
        for side in ("left", "right")
        for k, joint in enumerate(("waist", "shoulder", "elbow", "forearm", "wrist", "hand"))
    ),
    *(("adroit/AdroitHandDoor-v1", f"arm_{word}", "arm", k) for k, word in enumerate(("pitch", "yaw", "roll"))),
    *(
        ("adroit/AdroitHandDoor-v1", f"{finger}_{part}", field, k)
        for finger, field in (("fore", "forefinger"), ("middle", "middle_finger"), ("ring", "ring_finger"))
        for k, part in enumerate(("spread", "base", "middle", "tip"))
    ),
    *(
        ("adroit/AdroitHandHammer-v1", f"thumb_{part}", "thumb", k)
        for k, part in enumerate(("swing", "lift", "spread", "middle", "tip"))
    ),
]


@pytest.mark.parametrize(("card_id", "component", "field", "index"), MOTORS)
def test_a_motor_moves_what_its_card_says_and_most_of_all_that(
    card_id: str, component: str, field: str, index: int
) -> None:
    card = find_card(card_id)
    moved = drive(card, component, 5)[field] - drive(card, None, 5)[field]
    assert moved[index] > 0
    assert np.argmax(np.abs(moved)) == index


def test_fetchs_fingers_open_and_meta_worlds_close_when_told() -> None:
    fetch, sawyer = find_card("fetch/FetchPickAndPlace-v4"), find_card("metaworld/Reach-v3")
    assert (drive(fetch, "open", 5)["fingers"] > drive(fetch, None, 5)["fingers"] + 0.01).all()
    assert drive(sawyer, "grip", 20)["gripper"] < drive(sawyer, None, 20)["gripper"] - 0.3


def test_the_cards_of_a_family_share_their_fields_and_say_what_differs() -> None:
    reach, door = find_card("metaworld/Reach-v3"), find_card("metaworld/DoorOpen-v3")
    assert list(reach.fields) == list(door.fields)
    assert reach.fields["hand"] == door.fields["hand"]
    assert "puck" in reach.fields["object"].meaning
    assert "handle" in door.fields["object"].meaning
    assert reach.actions == door.actions
