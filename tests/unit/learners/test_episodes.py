import numpy as np

from skillwright.envs import TransitionBlock
from skillwright.learners.episodes import EpisodeRecorder


def stream(lengths: list[list[int]], num_steps: int) -> tuple[TransitionBlock, np.ndarray]:
    """Makes a stream in which every transition carries its episode and its step, and resets carry -1."""
    shape = (num_steps, len(lengths))
    episode, step = np.full(shape, -1.0), np.full(shape, -1.0)
    terminated, is_reset = np.zeros(shape, bool), np.zeros(shape, bool)
    for env, sizes in enumerate(lengths):
        time = 0
        for number, size in enumerate(sizes):
            if number:
                is_reset[time, env] = True
                time += 1
            episode[time : time + size, env], step[time : time + size, env] = number, np.arange(size)
            terminated[time + size - 1, env] = True
            time += size
    seen = np.stack([episode, step], axis=-1).astype(np.float32)
    columns = (seen, np.zeros(shape, np.int64), seen, terminated, np.zeros(shape, bool), np.zeros(shape, np.float32))
    return TransitionBlock(*columns), is_reset


def test_every_transition_comes_once_in_its_episode_in_order_whatever_the_rollout_length():
    lengths = [[3, 1, 5], [2, 6, 1]]
    whole, is_reset = stream(lengths, 12)
    for rollout in (1, 2, 3, 5, 12):
        found: list[TransitionBlock] = []
        recorder = EpisodeRecorder(2)
        for begin in range(0, 12, rollout):
            piece = slice(begin, begin + rollout)
            found += [TransitionBlock.join(pieces) for pieces in recorder.record(whole.at(piece), is_reset[piece])]
        assert sorted(block.num_transitions for block in found) == sorted(lengths[0] + lengths[1])
        for block in found:
            assert (block.observation[:, 1] == np.arange(block.num_transitions)).all()
            assert len(set(block.observation[:, 0])) == 1 and block.observation[0, 0] >= 0
            assert block.terminated.tolist() == [False] * (block.num_transitions - 1) + [True]
