"""What candidates lived through is kept as Minari reads it, and nothing else changes by that."""

import os
import subprocess
import sys

import minari
import numpy as np
import pytest

from skillwright.core import ArtifactStore
from skillwright.core.errors import ConfigError
from skillwright.core.serialising import to_json
from skillwright.envs import find_card
from skillwright.learners import Policy
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.experience import EpisodeRecord, ExperienceShelf, LoggedEpisode
from skillwright.rewards.experience.minari_files import read_dataset, write_dataset
from skillwright.rewards.records import REFERENCE
from skillwright.rewards.screens.recording import record_random_episodes
from skillwright.rewards.training import Job

from .shards import make_request, train

NAME = "run-a/balance-g0-g0-c00-1-v0"


def read_all(folder, card, run_id="run-a"):
    shelf = ExperienceShelf(folder / "experience")
    return [one for place in shelf.datasets(run_id) for one in read_dataset(place, card)]


def test_minari_itself_loads_what_was_kept(kept, monkeypatch):
    folder, _ = kept
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(folder / "experience"))
    dataset = minari.load_dataset(NAME)
    assert dataset.total_episodes == len(dataset) > 16
    assert dataset.total_steps == sum(len(episode) for episode in dataset)
    for episode in dataset:
        assert episode.observations.shape == (len(episode) + 1, 4)
        assert episode.terminations[-1] or episode.truncations[-1]
        assert not (episode.terminations | episode.truncations)[:-1].any()


def test_keeping_needs_no_jax():
    code = (
        "import sys; sys.modules['jax'] = None\n"
        "from pathlib import Path\n"
        "from skillwright.envs import find_card\n"
        "from skillwright.rewards.experience.minari_files import write_dataset\n"
        "from skillwright.rewards.experience.records import EpisodeRecord, LoggedEpisode\n"
        "from skillwright.rewards.screens.recording import record_random_episodes\n"
        "card = find_card('CartPole-v1')\n"
        "episodes = [LoggedEpisode(one, EpisodeRecord(uid=str(i))) for i, one in\n"
        "            enumerate(record_random_episodes(card, seed=0, num_steps=64))]\n"
        "write_dataset(Path(sys.argv[1]), 'a/b-v0', card=card, episodes=episodes)\n"
    )
    place = os.path.join(os.environ["SKILLWRIGHT_HOME"], "..", "dataset")
    subprocess.run([sys.executable, "-c", code, place], check=True, timeout=120)
    assert len(minari.MinariDataset(os.path.join(place, "data"))) > 8


def test_judged_episodes_are_those_that_the_stored_policy_plays(kept, card):
    folder, shard = kept
    logged = [one for one in read_all(folder, card) if one.record.player == "judged"]
    sha = shard.trained[0].policy
    policy = Policy.from_bytes(ArtifactStore(folder / "artifacts").get(sha))
    [episodes] = play_episodes(card, [policy], selection_seeds(8))
    own = {one.record.world_seed: one.block for one in logged if one.record.policy == sha}
    assert sorted(own) == list(selection_seeds(8))
    for seed, episode in zip(selection_seeds(8), episodes, strict=True):
        for column, played in zip(own[seed], episode, strict=True):
            np.testing.assert_array_equal(column, played)


def test_training_episodes_are_kept_of_every_candidate(kept, card):
    folder, _ = kept
    exploring = [one.record.candidate_id for one in read_all(folder, card) if one.record.player == "exploring"]
    assert exploring.count("g0-c00") == exploring.count("g0-c01") == 24


def test_training_episodes_are_told_apart_by_candidate(card, tmp_path):
    """Alone, a candidate explores as it does beside another, so its kept episodes are among those of both."""
    request = make_request(card, tmp_path)
    alone = make_request(card, tmp_path / "alone", jobs=request.jobs[1:])
    train(request), train(alone)

    def first(folder):
        logged = [one for one in read_all(folder, card) if one.record.candidate_id == "g0-c01"]
        return [one.block.observation.tobytes() for one in logged if one.record.player == "exploring"]

    assert first(tmp_path) == first(tmp_path / "alone")


def test_episode_ids_are_unique_across_runs_and_stages(kept, card, tmp_path):
    folder, _ = kept
    request = make_request(card, tmp_path)
    train(request.model_copy(update={"keep": request.keep.model_copy(update={"run_id": "run-b"})}))
    train(request.model_copy(update={"keep": request.keep.model_copy(update={"stage": "balance-finals"})}))
    logged = read_all(folder, card) + read_all(tmp_path, card) + read_all(tmp_path, card, "run-b")
    assert len({one.record.uid for one in logged}) == len(logged) > 100


def test_keeping_changes_nothing_that_is_trained(kept, card, tmp_path):
    assert train(make_request(card, tmp_path, keep=None)) == kept[1]
    assert not (tmp_path / "experience").exists()


def test_a_shard_that_is_trained_again_takes_the_place_of_its_older_dataset(card, tmp_path):
    request = make_request(card, tmp_path, jobs=make_request(card, tmp_path).jobs[:1])
    train(request)
    before = [one.record.uid for one in read_all(tmp_path, card)]
    train(request)
    assert [one.record.uid for one in read_all(tmp_path, card)] == before


def test_the_reference_is_not_kept(card, tmp_path):
    request = make_request(card, tmp_path)
    job = Job(candidate_id=REFERENCE, program=request.jobs[0].program, seed=3)
    train(request.model_copy(update={"jobs": [request.jobs[1], job]}))
    assert {one.record.candidate_id for one in read_all(tmp_path, card)} == {"g0-c01"}


def test_a_small_budget_keeps_fewer_episodes(kept, card, tmp_path):
    folder, _ = kept
    request = make_request(card, tmp_path)
    train(request.model_copy(update={"keep": request.keep.model_copy(update={"max_mb": 0.4})}))
    assert 1 <= len(read_all(tmp_path, card)) < len(read_all(folder, card))


def test_experience_of_another_world_is_refused(kept):
    folder, _ = kept
    with pytest.raises(ConfigError, match="another world than classic_control/Pendulum-v1"):
        read_dataset(folder / "experience" / NAME, find_card("Pendulum-v1"))


def test_a_card_whose_fields_mean_something_else_is_another_world(kept, card):
    folder, _ = kept
    x, v = card.fields["x"], card.fields["vx"]
    swapped = {**card.fields, "x": x.model_copy(update={"index": v.index}), "vx": v.model_copy(update={"index": 0})}
    with pytest.raises(ConfigError, match="a card with other fields"):
        read_dataset(folder / "experience" / NAME, card.model_copy(update={"fields": swapped}))


def test_a_folder_that_is_no_dataset_is_refused(card, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read as a Minari dataset"):
        read_dataset(tmp_path, card)


def test_a_damaged_dataset_is_refused(card, tmp_path, episode):
    write_dataset(tmp_path / "one", "a/one-v0", card, [episode("a"), episode("b")])
    data = tmp_path / "one/data/main_data.hdf5"
    data.write_bytes(data.read_bytes()[:200])
    with pytest.raises(ConfigError, match="cannot be read as a Minari dataset"):
        read_dataset(tmp_path / "one", card)


def test_continuous_actions_come_back_as_they_were(tmp_path):
    pendulum = find_card("Pendulum-v1")
    [played, *_] = record_random_episodes(pendulum, seed=0, num_steps=256)
    write_dataset(tmp_path / "one", "a/one-v0", pendulum, [LoggedEpisode(played, EpisodeRecord(uid="a"))])
    [read] = read_dataset(tmp_path / "one", pendulum)
    assert to_json(read.record) == to_json(EpisodeRecord(uid="a"))
    for column, original in zip(read.block, played, strict=True):
        np.testing.assert_array_equal(column, original)
        assert column.dtype == original.dtype
