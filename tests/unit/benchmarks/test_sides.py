"""What makes the comparison fair."""

import numpy as np
import pytest
from benchmarks.protocol import Training, TrainingRequest
from benchmarks.racing import RacingCase, plan_training
from benchmarks.speed import SpeedResult
from benchmarks.stopwatch import Stopwatch
from benchmarks.workers import run_together, share
from benchmarks.worlds import CART_POLE, PENDULUM, ppo_card, ppo_config

from skillwright.core import WorkerDied
from skillwright.learners import Race


def training(wall_s: float, cpu_s: float) -> Training:
    return Training(wall_s=wall_s, cpu_s=cpu_s, timesteps=100, peak_memory_mib=1.0)


def test_two_runs_side_by_side_cost_half_the_wall_time_of_the_slower_and_half_the_cpu_time_of_both():
    runs = SpeedResult(num_trained=2, workers=[training(2.0, 1.0), training(4.0, 3.0)])

    assert runs.wall_s == pytest.approx(4.0 / 100 / 2)
    assert runs.cpu_s == pytest.approx(4.0 / 100 / 2)


def test_the_clock_leaves_out_the_first_rollout():
    stopwatch = Stopwatch(TrainingRequest(card=ppo_card(CART_POLE, {}), seeds=[0], num_rollouts=3))

    for timesteps in (10, 20, 30):
        stopwatch.lap(timesteps)

    assert stopwatch.read().timesteps == 20


def test_every_policy_is_trained_by_one_worker():
    request = TrainingRequest(card=ppo_card(CART_POLE, {}), seeds=[3, 4, 5], num_rollouts=1)

    assert sorted(seed for part in share(request) for seed in part.seeds) == [3, 4, 5]


def test_cutting_all_short_spends_as_many_env_steps_as_the_race():
    rollout, num_candidates = 2048, 16
    arms = {
        arm: plan_training(RacingCase(arm=arm, seed=0, num_candidates=num_candidates, total_timesteps=400_000), rollout)
        for arm in ("race", "all, cut short")
    }

    raced = Race(heats=arms["race"].heats).count_updates(num_candidates, round(400_000 / rollout)) * rollout
    assert arms["all, cut short"].total_timesteps * num_candidates == pytest.approx(raced, rel=0.02)


def train(function: str, num_held_out: int = 0) -> Training:
    overrides = {"num_envs": 2, "num_steps": 32, "minibatch_size": 32, "num_epochs": 1}
    request = TrainingRequest(card=ppo_card(PENDULUM, overrides), seeds=[0], num_rollouts=3, num_held_out=num_held_out)
    return run_together(function, [request], Training)[0]


SIDES = ["population", "stable_baselines", "single_file_ppo"]


@pytest.mark.parametrize("side", SIDES)
def test_every_side_is_timed_over_the_same_env_steps(side):
    if side == "stable_baselines":
        pytest.importorskip("stable_baselines3")

    measured = train(f"benchmarks.{side}:train")

    assert measured.timesteps == 2 * 64
    assert measured.wall_s > 0.0 and measured.cpu_s > 0.0


def test_trained_policies_play_held_out_episodes():
    [value] = train("benchmarks.population:train", num_held_out=2).returns

    assert -2000 < value < 0


def test_a_worker_that_fails_is_no_measurement():
    request = TrainingRequest(card=ppo_card(PENDULUM, {}), seeds=[0], num_rollouts=1)

    with pytest.raises(WorkerDied):
        run_together("benchmarks.population:no_such_function", [request], Training)


@pytest.mark.parametrize("normalized", [False, True])
def test_a_policy_of_stable_baselines_acts_as_its_copy_does(normalized):
    pytest.importorskip("stable_baselines3")
    from benchmarks.stable_baselines import as_policy, make_model

    card = ppo_card(PENDULUM, {"normalize_observation": normalized, "num_steps": 64})
    model = make_model(card, ppo_config(card), seed=0)
    model.learn(256)
    observation = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)

    normalizer = model.get_vec_normalize_env()
    seen = normalizer.normalize_obs(observation) if normalizer else observation
    expected, _ = model.predict(seen, deterministic=True)

    assert np.allclose(as_policy(model, card).act(observation), expected, atol=1e-5)
