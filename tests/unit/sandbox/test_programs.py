"""Programs as language models write them are inside the language, and run on blocks of their worlds."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from skillwright.envs import EnvCard, TransitionBlock, find_card, views
from skillwright.sandbox import Sandbox

NUM = 64
SECTION = re.compile(r"^## (.+?)\n+```python\n(.+?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {
    f"{file.stem}: {title}": (file.stem, source)
    for file in sorted((Path(__file__).parent / "programs").glob("*-v*.md"))
    for title, source in SECTION.findall(file.read_text())
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox()
    yield opened
    opened.close()


def make_block(card: EnvCard) -> TransitionBlock:
    """Draws states from the ranges of the fields, which is wilder than the world itself."""
    random = np.random.default_rng(0)
    before, after = random.uniform(-1, 1, (2, NUM, card.observation_size)).astype(np.float32)
    for field in card.fields.values():
        if field.index is not None:
            low, high = np.clip(field.range, -5, 5)
            for states in (before, after):
                states[:, field.start : field.stop] = (
                    low + high + (high - low) * states[:, field.start : field.stop]
                ) / 2
    is_discrete = card.actions.kind == "discrete"
    action = (
        random.integers(card.actions.size, size=NUM) if is_discrete else random.uniform(-1, 1, (NUM, card.actions.size))
    )
    ended = random.random(NUM) < 0.1
    return TransitionBlock(before, action, after, ended, np.zeros(NUM, bool), np.zeros(NUM, np.float32))


def test_there_are_many_programs_of_many_worlds():
    assert len(PROGRAMS) >= 60
    assert len({world for world, _ in PROGRAMS.values()}) >= 9


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_natural_program_runs(name, sandbox):
    world, source = PROGRAMS[name]
    card = find_card(world)
    cell = sandbox.hold({"reward": source})
    terms = cell.terms(views(card, make_block(card), judge=False), NUM)
    cell.close()
    assert terms
    assert all(term.shape == (NUM,) and term.dtype == np.float32 for term in terms.values())
