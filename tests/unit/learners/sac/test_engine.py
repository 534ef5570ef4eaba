"""The stacked, hand-differentiated engine computes what a plain soft actor-critic computes for each candidate alone."""

import numpy as np
import pytest
import torch
from torch import Tensor

from skillwright.learners.layers import Layers
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.engine import Batch, Engine
from skillwright.learners.sac.layout import Layout, Shape
from skillwright.learners.sac.networks import Networks

SIZE, ROWS = 3, 20
FREE = torch.ones(SIZE, 1)


def case(shape: Shape, **settings) -> tuple[SACConfig, Layout, Networks]:
    layout = Layout(shape)
    vectors = layout.initialize([np.random.default_rng(seed) for seed in range(SIZE)], temperature=0.3)
    vectors.actor[0, -2] = 5.0  # the last bias of the first actor: its log standard deviation is beyond the bound
    config = SACConfig(**{"batch_size": ROWS, "hidden_sizes": shape.hidden_sizes, "tau": 0.1, **settings})
    return config, layout, Networks.create(vectors, torch.device("cpu"))


def batch_for(shape: Shape, seed: int = 0) -> Batch:
    torch.manual_seed(seed)
    continues = (torch.rand(SIZE, ROWS) < 0.8).float()
    action = torch.rand(SIZE, ROWS, shape.action_size) * 2 - 1
    states, noise = (torch.randn(SIZE, 2 * ROWS, size) for size in (shape.observation_size, shape.action_size))
    return Batch(states, action, torch.randn(SIZE, ROWS), continues, noise)


def improved(batches: list[Batch], shape: Shape, **settings) -> Networks:
    config, layout, networks = case(shape, **settings)
    engine = Engine(config, layout, networks)
    for batch in batches:
        engine.update(batch, FREE)
    return networks


class Plain:
    """One candidate's soft actor-critic, written as the paper has it and differentiated by torch."""

    def __init__(self, config: SACConfig, layout: Layout, networks: Networks, index: int) -> None:
        self.config, self.layout = config, layout
        self.actor = networks.actor.parameters[index, :-1].clone().requires_grad_()
        self.log_temperature = networks.actor.parameters[index, -1].clone().requires_grad_()
        self.critics = [one.clone().requires_grad_() for one in networks.critics.parameters[index]]
        self.targets = [one.clone() for one in networks.targets[index]]
        rate = config.learning_rate
        self.of_critics = torch.optim.Adam(self.critics, rate)
        self.of_actor = torch.optim.Adam([self.actor, self.log_temperature], rate)

    def update(self, batch: Batch, index: int) -> None:
        before, after = batch.states[index, :ROWS], batch.states[index, ROWS:]
        early, late = batch.noise[index, :ROWS], batch.noise[index, ROWS:]
        temperature = self.log_temperature.exp().item()
        with torch.no_grad():
            action, log_prob = self.draw(after, late)
            value = torch.minimum(*(self.judge(one, after, action) for one in self.targets))
            soft = value - temperature * log_prob
            target = batch.reward[index] + self.config.gamma * batch.continues[index] * soft
        errors = [self.judge(one, before, batch.action[index]) - target for one in self.critics]
        action, log_prob = self.draw(before, early)
        self.of_critics.zero_grad()
        sum(0.5 * error.square().mean() for error in errors).backward()
        self.of_critics.step()
        self.of_actor.zero_grad()
        value = torch.minimum(*(self.judge(one, before, action) for one in self.critics))
        surplus = (log_prob.detach() - self.layout.shape.action_size).mean()
        ((temperature * log_prob - value).mean() - self.log_temperature * surplus).backward()
        self.of_actor.step()
        tau = self.config.tau
        self.targets = [
            tau * new.detach() + (1 - tau) * old for new, old in zip(self.critics, self.targets, strict=True)
        ]

    def draw(self, state: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_std = run(self.actor, self.layout.actor_layers, state).chunk(2, dim=-1)
        normal = torch.distributions.Normal(mean, log_std.clamp(-20, 2).exp())
        raw = mean + normal.stddev * noise
        squashed = torch.distributions.TransformedDistribution(normal, torch.distributions.TanhTransform(cache_size=1))
        action = squashed.transforms[0](raw)
        return action, squashed.log_prob(action).sum(-1)

    def judge(self, critic: Tensor, state: Tensor, action: Tensor) -> Tensor:
        return run(critic, self.layout.critic_layers, torch.cat([state, action], -1)).squeeze(-1)


def run(network: Tensor, layers: Layers, rows: Tensor) -> Tensor:
    for index, (weight, bias) in enumerate(layers.cut(network[None])):
        rows = rows @ weight[0] + bias[0]
        rows = torch.relu(rows) if index < len(layers.sizes) - 2 else rows
    return rows


@pytest.mark.parametrize("shape", [Shape(3, 1, (8, 8)), Shape(5, 3, (16,)), Shape(2, 2, (1, 9, 4))], ids=str)
def test_every_candidate_is_updated_as_a_plain_soft_actor_critic_would(shape):
    batches = [batch_for(shape, seed) for seed in range(5)]
    networks = improved(batches, shape)
    for index in range(SIZE):
        plain = Plain(*case(shape), index)
        begin = plain.actor.detach().clone()
        for batch in batches:
            plain.update(batch, index)
        actor = torch.cat([plain.actor, plain.log_temperature[None]]).detach()
        assert (actor[:-1] - begin).abs().max() > 1e-3
        for mine, theirs in (
            (networks.actor.parameters[index], actor),
            (networks.critics.parameters[index], torch.stack(plain.critics).detach()),
            (networks.targets[index], torch.stack(plain.targets)),
        ):
            assert torch.allclose(mine, theirs, atol=3e-5)


def test_a_candidate_learns_from_its_own_batch_only():
    shape = Shape(3, 2, (8,))
    batch = batch_for(shape)
    spoiled = batch._replace(reward=batch.reward.clone(), states=batch.states.clone())
    spoiled.reward[1], spoiled.states[1] = torch.nan, torch.inf
    clean, other = (improved([one], shape).tensors() for one in (batch, spoiled))
    for name, tensor in clean.items():
        assert torch.equal(tensor[[0, 2]], other[name][[0, 2]])
    assert other["actor"][1].isnan().any()


@pytest.mark.parametrize("continues", [0.0, 1.0])
def test_what_follows_an_end_does_not_count_and_what_follows_a_time_out_does(continues):
    shape = Shape(3, 2, (8,))
    batch = batch_for(shape)._replace(continues=torch.full((SIZE, ROWS), continues))
    elsewhere = batch._replace(states=batch.states.clone())
    elsewhere.states[:, ROWS:] += 1.0
    one, other = (improved([each], shape).critics.parameters for each in (batch, elsewhere))
    assert torch.equal(one, other) == (continues == 0.0)


def test_a_candidate_that_is_held_still_learns_its_critics_only():
    shape = Shape(3, 2, (8,))
    config, layout, networks = case(shape)
    _, _, begin = case(shape)
    Engine(config, layout, networks).update(batch_for(shape), torch.tensor([[1.0], [0.0], [1.0]]))
    has_moved = (networks.actor.parameters != begin.actor.parameters).any(1)
    assert has_moved.tolist() == [True, False, True]
    assert (networks.critics.parameters != begin.critics.parameters).flatten(1).any(1).all()


def test_the_targets_follow_the_critics_slowly():
    shape = Shape(3, 2, (8,))
    _, _, begin = case(shape)
    networks = improved([batch_for(shape)], shape, tau=0.25)
    expected = 0.25 * networks.critics.parameters + 0.75 * begin.targets
    assert torch.allclose(networks.targets, expected, atol=1e-7)


def test_the_temperature_rises_where_entropy_is_missing_and_falls_where_it_abounds():
    shape = Shape(3, 2, (8,))
    for log_std, rises in ((-6.0, True), (0.0, False)):
        config, layout, networks = case(shape)
        networks.actor.parameters[:, -3:-1] = log_std
        Engine(config, layout, networks).update(batch_for(shape), FREE)
        assert ((networks.actor.parameters[:, -1] > np.log(0.3)) == rises).all()


def test_networks_are_drawn_by_the_candidates_own_generator():
    layout = Layout(Shape(3, 1, (8,)))
    first, other, again = (np.random.default_rng(seed) for seed in (0, 1, 0))
    actor, critics = layout.initialize([first, other, again], temperature=2.0)
    assert np.array_equal(actor[0], actor[2]) and not np.array_equal(actor[0], actor[1])
    assert np.allclose(actor[:, -1], np.log(2.0)) and not np.array_equal(critics[0, 0], critics[0, 1])
    assert all(np.abs(vector).max() <= 1 for vector in (actor, critics))
    both = (layout.actor_layers, layout.critic_layers)
    assert [layers.num_numbers for layers in both] == [actor.shape[1] - 1, critics.shape[2]]
