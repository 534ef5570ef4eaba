"""The program that runs skills one after another, and what it comes to in its world."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acting.deeds import num_parts_done, score_by_parts
from skillwright.agents.acting.episode import Episode
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe
from skillwright.core import ConfigError
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard
from skillwright.learners import EpisodeScore
from skillwright.rewards.judge import summarize
from skillwright.rewards.records import Judgement
from skillwright.skills import Skill

__all__ = ["Chain", "ChainTrial", "chain_source", "try_chain"]

_NUM_TRIES: Final = 2
"""A part that did not succeed is run once more, if the world still goes on."""
_LONGEST_TITLE: Final = 400


class Chain(NamedTuple):
    """Skills that are to act one after another in one episode."""

    text: str
    """What they are for together."""
    card: EnvCard
    parts: Sequence[Skill]

    @property
    def source(self) -> str:
        """The program that runs them."""
        versions = {part.reference for part in self.parts}
        names = Counter(reference.partition("@")[0] for reference in versions)
        return chain_source(self.text, [part.name if names[part.name] == 1 else part.reference for part in self.parts])

    @property
    def step_limit(self) -> int:
        """Env steps after which an episode is cut off."""
        return _NUM_TRIES * sum(part.step_limit for part in self.parts)


class ChainTrial(BaseModel):
    """What a chain came to on some episodes, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    judgement: Judgement
    num_done: tuple[int, ...]
    """Of each part, in how many episodes it and all before it were done."""
    num_steps: int
    """Env steps of all episodes together."""
    problem: str
    """Why the first episode that came to no proper end stopped; empty if all did."""

    @property
    def success_rate(self) -> float:
        """Share of the episodes in which all parts were done."""
        return self.judgement.success_rate or 0.0

    @property
    def num_begun(self) -> tuple[int, ...]:
        """Of each part, in how many episodes its turn came."""
        return (self.judgement.num_episodes, *self.num_done[:-1])

    @property
    def weakest(self) -> int:
        """Index of the part that most often was not done where those before it were."""
        shares = [done / before if before else 1.0 for done, before in zip(self.num_done, self.num_begun, strict=True)]
        return shares.index(min(shares))

    def described(self, parts: Sequence[str]) -> str:
        """Says in lines how far it came.

        Args:
            parts: what each is called.
        """
        lines = [
            f"{name}: done in {done} of the {before} episodes in which its turn came"
            for name, done, before in zip(parts, self.num_done, self.num_begun, strict=True)
        ]
        return "\n".join([*lines, *([f"An episode stopped: {self.problem}"] if self.problem else [])])


def chain_source(text: str, names: Iterable[str]) -> str:
    """Writes the program.

    Args:
        text: what it is for.
        names: of the skills, with their version where the name alone would not do, in their order.
    """
    title = re.sub(r'[\\"\s]+', " ", text).strip()[:_LONGEST_TITLE]
    lines = ["def skill(s, run):", f'    """{title}"""']
    for name in names:
        lines += [f'    s = run("{name}")']
        lines += ["    if s.succeeded == 0:", f'        s = run("{name}")'] * (_NUM_TRIES - 1)
    return "\n".join([*lines, ""])


@traced("act")
def try_chain(chain: Chain, troupe: Troupe, seeds: Sequence[int]) -> ChainTrial:
    """Runs a chain once per seed.

    Args:
        chain: the skills.
        troupe: has them.
        seeds: of the worlds.

    Raises:
        ConfigError: it did nothing in an episode.
    """
    references = [part.reference for part in chain.parts]
    annotate(parts=len(references), episodes=len(seeds))
    scores: list[EpisodeScore] = []
    num_done, problem = [0] * len(references), ""
    for seed in seeds:
        with Episode(chain.card, seed, step_limit=chain.step_limit) as episode:
            performer = Performer(troupe, episode)
            try:
                performer.run_program(chain.source, {}, pinned=references)
            except SkillGaveUp as failure:
                problem = problem or str(failure)
            if not episode.num_steps:
                raise ConfigError(f"the skills {', '.join(references)} did nothing: {problem or 'none took a step'}")
            scores.append(score_by_parts(episode.since(0), performer.deeds, references))
            for index in range(num_parts_done(performer.deeds, references)):
                num_done[index] += 1
    return ChainTrial(
        judgement=summarize(scores),
        num_done=tuple(num_done),
        num_steps=sum(score.length for score in scores),
        problem=problem,
    )
