import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from skillwright.core.errors import EnvError, StorageError
from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, TaskSpec
from skillwright.envs.rendering import RecordedEpisode, encode_mp4, frames_per_second, record_episode

imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
pytest.importorskip("gymnasium")

# Box2D's SWIG types warn while they are imported; as an error, that ends the interpreter.
pytestmark = pytest.mark.filterwarnings("ignore:builtin type .* has no __module__:DeprecationWarning")


def card(gymnasium_id: str, size: int, actions: ActionSpec, horizon: int) -> EnvCard:
    return EnvCard(
        id=f"classic/{gymnasium_id}",
        description="A world.",
        gymnasium_id=gymnasium_id,
        horizon=horizon,
        observation_size=size,
        fields={"x": FieldSpec(index=0, unit="1", range=(-1, 1), role="position", meaning="Place.")},
        actions=actions,
        tasks={"any": TaskSpec(text="Do it.", fitness="def fitness(s, a, n):\n    return 0.0\n")},
    )


def choices(*names: str) -> ActionSpec:
    return ActionSpec(kind="discrete", components={name: ActionComponent(meaning=name) for name in names})


LANDER = card("LunarLander-v3", 8, choices("idle", "left", "main", "right"), 1000)
CART_POLE = card("CartPole-v1", 4, choices("left", "right"), 500)
PENDULUM = card(
    "Pendulum-v1",
    3,
    ActionSpec(kind="continuous", components={"torque": ActionComponent(range=(-2.0, 2.0), meaning="Turns it.")}),
    20,
)
TORQUES = {f"torque_{k}": ActionComponent(range=(-1.0, 1.0), meaning="Turns a joint.") for k in range(6)}
CHEETAH = card("HalfCheetah-v5", 17, ActionSpec(kind="continuous", components=TORQUES), 7)
HOPPER = card("Hopper-v5", 11, ActionSpec(kind="continuous", components=dict(list(TORQUES.items())[:3])), 10)


def at_random(num_choices: int, seed: int = 0) -> Callable[[NDArray[np.float32]], int]:
    random = np.random.default_rng(seed)
    return lambda observation: int(random.integers(num_choices))


def stand(observation: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.zeros(3 if len(observation) == 11 else 6, np.float32)


def alone(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program that can name ``module``, this one, in a process where there is no display."""
    beginning = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('recorded', {str(Path(__file__))!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
    )
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "MUJOCO_GL", "PYOPENGL_PLATFORM")
    variables = {name: value for name, value in os.environ.items() if name not in hidden} | environment
    command = [sys.executable, "-c", beginning + program]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=False)


@pytest.fixture(scope="module")
def hop() -> RecordedEpisode:
    """Ten steps of a MuJoCo world; skips where MuJoCo, or what it draws with, is not installed."""
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    try:
        return record_episode(HOPPER, stand, seed=1)
    except EnvError as error:
        if "install EGL" not in str(error):
            raise
        pytest.skip(str(error))


def read_again(path: Path, height: int, width: int) -> tuple[str, NDArray[np.uint8]]:
    """What the decoder says about a video, and its frames. Shape: (num_frames, height, width, 3)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True)
    return decoded.stderr.decode(), np.frombuffer(decoded.stdout, np.uint8).reshape(-1, height, width, 3)


@pytest.fixture(scope="module")
def landing() -> RecordedEpisode:
    return record_episode(LANDER, at_random(4), seed=11)


def test_there_is_a_frame_before_the_first_step_and_after_each(landing: RecordedEpisode) -> None:
    assert len(landing.frames) == landing.block.num_transitions + 1
    assert {frame.shape for frame in landing.frames} == {(400, 600, 3)}
    assert landing.frames[0].dtype == np.uint8


def test_frames_are_drawn_and_differ(landing: RecordedEpisode) -> None:
    assert np.ptp(landing.frames[0]) > 100
    assert not np.array_equal(landing.frames[0], landing.frames[-1])


def test_the_block_is_one_episode_in_time_order(landing: RecordedEpisode) -> None:
    block = landing.block
    np.testing.assert_array_equal(block.observation[1:], block.next_observation[:-1])
    assert (block.terminated | block.truncated).tolist() == [False] * (block.num_transitions - 1) + [True]
    assert (block.action.dtype, block.action.shape) == (np.int64, (block.num_transitions,))


def test_the_last_state_is_the_true_final_one(landing: RecordedEpisode) -> None:
    assert landing.block.terminated[-1]
    assert landing.block.env_reward[-1] == -100.0
    assert landing.block.next_observation[-1, 1] < 0.3 < landing.block.observation[0, 1]


def test_the_same_seed_gives_the_same_episode(landing: RecordedEpisode) -> None:
    again = record_episode(LANDER, at_random(4), seed=11)
    for first, second in zip(landing.block, again.block, strict=True):
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(landing.frames[-1], again.frames[-1])


def test_the_cards_horizon_ends_an_episode_as_truncated() -> None:
    block = record_episode(CART_POLE.model_copy(update={"horizon": 5}), at_random(2), seed=1).block
    assert block.num_transitions == 5
    assert block.truncated[-1] and not block.terminated[-1]


def test_a_continuous_world_keeps_its_values() -> None:
    episode = record_episode(PENDULUM, lambda observation: np.array([0.5], np.float32), seed=1)
    np.testing.assert_array_equal(episode.block.action, np.full((20, 1), 0.5, np.float32))


def test_a_world_without_pictures_is_refused() -> None:
    undrawable = card("FrozenWorld-v0", 1, choices("stay", "go"), 5)
    from gymnasium.envs.registration import register, registry

    register(id="FrozenWorld-v0", entry_point=_Undrawable)
    try:
        with pytest.raises(EnvError, match="cannot be drawn"):
            record_episode(undrawable, at_random(2), seed=0)
    finally:
        registry.pop("FrozenWorld-v0")


class _Undrawable:
    metadata: ClassVar = {"render_modes": ["ansi"]}


def test_a_world_that_does_not_fit_its_card_is_refused() -> None:
    wrong = CART_POLE.model_copy(update={"observation_size": 7})
    with pytest.raises(EnvError, match="4 values, its card says 7"):
        record_episode(wrong, at_random(2), seed=0)


def test_an_unknown_world_is_an_env_error() -> None:
    unknown = CART_POLE.model_copy(update={"gymnasium_id": "NoSuchWorld-v9"})
    with pytest.raises(EnvError, match="NoSuchWorld-v9"):
        record_episode(unknown, at_random(2), seed=0)


@pytest.mark.parametrize(("world", "rate"), [(LANDER, 50), (CART_POLE, 50), (PENDULUM, 30)])
def test_the_frame_rate_is_the_worlds_own(world: EnvCard, rate: int) -> None:
    assert frames_per_second(world) == rate


def test_recording_leaves_the_environment_variables_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER")
    before = dict(os.environ)
    record_episode(CART_POLE, at_random(2), seed=0)
    assert dict(os.environ) == before


def test_recording_needs_no_display() -> None:
    ended = alone("print(len(module.record_episode(module.CART_POLE, module.at_random(2), seed=0).frames))")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip().isdigit()


@pytest.mark.usefixtures("hop")
def test_recording_a_mujoco_world_needs_no_display() -> None:
    ended = alone("print(len(module.record_episode(module.HOPPER, module.stand, seed=0).frames))")
    assert (ended.returncode, ended.stdout.strip()) == (0, "5"), ended.stderr


def test_a_mujoco_world_is_drawn(hop: RecordedEpisode) -> None:
    assert {frame.shape for frame in hop.frames} == {(480, 480, 3)}
    assert np.ptp(hop.frames[0]) > 100
    assert not np.array_equal(hop.frames[0], hop.frames[-1])


def test_a_fast_clock_is_drawn_after_every_third_step_and_at_the_end(hop: RecordedEpisode) -> None:
    assert hop.block.num_transitions == 10
    assert len(hop.frames) == 1 + 3 + 1
    assert frames_per_second(HOPPER) == pytest.approx(125 / 3)


@pytest.mark.usefixtures("hop")
def test_recording_a_mujoco_world_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    episode = record_episode(CHEETAH, stand, seed=0)
    assert len(episode.frames) == 1 + episode.block.num_transitions
    assert dict(os.environ) == before
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_world_that_opengl_cannot_draw_is_refused_with_the_remedy() -> None:
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    ended = alone("module.record_episode(module.HOPPER, module.stand, seed=0)", MUJOCO_EGL_DEVICE_ID="99")
    assert "EnvError: MuJoCo cannot draw with MUJOCO_GL=egl" in ended.stderr
    assert "apt-get install libegl1" in ended.stderr


def test_without_mujoco_its_extra_is_named() -> None:
    ended = alone("sys.modules['mujoco'] = None\nmodule.record_episode(module.HOPPER, module.stand, seed=0)")
    assert "MissingExtra: what Hopper-v5 needs is not installed; run: pip install 'skillwright[mujoco]'" in ended.stderr


def test_a_video_read_again_has_every_frame(landing: RecordedEpisode, tmp_path: Path) -> None:
    path = tmp_path / "lander.mp4"
    encode_mp4(landing.frames, frames_per_second=50, path=path)
    about, frames = read_again(path, 400, 600)
    assert len(frames) == len(landing.frames)
    assert all(word in about for word in ("Video: h264", "yuv420p", "50 fps"))


def test_a_video_looks_like_its_frames(landing: RecordedEpisode, tmp_path: Path) -> None:
    path = tmp_path / "lander.mp4"
    encode_mp4(landing.frames, frames_per_second=50, path=path)
    _, frames = read_again(path, 400, 600)
    assert np.abs(frames[0].astype(np.float64) - landing.frames[0]).mean() < 5.0


def test_a_video_plays_while_it_loads_and_is_small(landing: RecordedEpisode, tmp_path: Path) -> None:
    path = tmp_path / "lander.mp4"
    encode_mp4(landing.frames, frames_per_second=50, path=path)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert len(content) < 5_000 * len(landing.frames)


def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path) -> None:
    frames = [np.full((31, 47, 3), shade, np.uint8) for shade in (0, 128, 255)]
    path = tmp_path / "new" / "odd.mp4"
    encode_mp4(frames, frames_per_second=10, path=path)
    about, frames = read_again(path, 32, 48)
    assert " 48x32" in about
    assert len(frames) == 3


def test_an_older_video_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"older")
    encode_mp4([np.zeros((32, 32, 3), np.uint8)], frames_per_second=10, path=path)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"clip\.mp4"):
        encode_mp4([np.zeros((8, 8, 3), np.uint8)], frames_per_second=10, path=tmp_path / "file" / "clip.mp4")


def test_an_encoder_that_fails_is_a_storage_error_with_its_words(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    (tmp_path / f".clip.mp4.{os.getpid()}.tmp").mkdir()
    frames = [np.zeros((64, 64, 3), np.uint8)] * 100
    with pytest.raises(StorageError, match="Is a directory"):
        encode_mp4(frames, frames_per_second=10, path=path)
