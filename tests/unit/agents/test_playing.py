"""A stored skill plays in its world, with nothing but what was stored."""

import pytest

from skillwright.agents.playing import PlayRequest, play_skill
from skillwright.core import ConfigError, CorruptArtifact, NotFound, StorageError

NAME = "balance-the-pole"


@pytest.fixture
def play(finished):
    return lambda **changes: play_skill(finished.home, NAME, PlayRequest(**changes))


def test_every_episode_is_scored_and_filmed(play, tmp_path):
    video = tmp_path / "deep" / "down" / "play.mp4"
    outcome = play(num_episodes=2, video=video)
    assert len(outcome.scores) == 2 and outcome.video == video
    assert all(1 <= score.length <= 500 and score.env_return == score.length for score in outcome.scores)
    assert video.read_bytes()[4:8] == b"ftyp"


def test_the_video_lies_beside_the_run_unless_told_otherwise(play, finished):
    outcome = play(num_episodes=1)
    assert outcome.video == finished.home.run_folder(finished.run_id) / "play.mp4"
    assert outcome.video.is_file()


def test_the_same_seed_plays_the_same_and_episodes_have_seeds_in_a_row(play):
    first, second = play(num_episodes=3, seed=5).scores, play(num_episodes=2, seed=6).scores
    assert first[1:] == second


def test_a_version_can_be_named(finished):
    outcome = play_skill(finished.home, f"{NAME}@1", PlayRequest(num_episodes=1))
    assert outcome.skill == finished.record.skill


def test_the_stored_card_judges_and_not_the_one_in_the_folder(play, tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    place = tmp_path / "envs" / "classic_control" / "CartPole-v1.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("this is no card", encoding="utf-8")
    assert play(num_episodes=1).scores


@pytest.mark.parametrize("changes", [{"num_episodes": 0}, {"num_episodes": -1}, {"seed": -1}])
def test_a_number_that_makes_no_sense_is_refused(play, changes):
    with pytest.raises(ConfigError, match="at least"):
        play(**changes)


@pytest.mark.parametrize(("reference", "match"), [("balance", "did you mean"), (f"{NAME}@9", "newest version is 1")])
def test_an_unknown_skill_is_not_found(finished, reference, match):
    with pytest.raises(NotFound, match=match):
        play_skill(finished.home, reference, PlayRequest())


@pytest.mark.parametrize("part", ["card", "policy"])
def test_a_damaged_file_is_named_and_nothing_is_filmed(play, finished, tmp_path, part):
    place = finished.artifacts.path(getattr(finished.record.skill, part))
    data = place.read_bytes()
    place.write_bytes(data[:-7])
    try:
        with pytest.raises(CorruptArtifact, match=place.name):
            play(video=tmp_path / "play.mp4")
    finally:
        place.write_bytes(data)
    assert not (tmp_path / "play.mp4").exists()


def test_a_video_that_cannot_be_written_is_refused_and_names_its_place(play, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/play\.mp4"):
        play(num_episodes=1, video=tmp_path / "file" / "play.mp4")
