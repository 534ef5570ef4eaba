"""The library as a caller holds it: skills by name, each of which acts and can be played."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import ConfigError, NotFound
from skillwright.core.home import Home
from skillwright.envs import Actions, EnvCard
from skillwright.learners import Policy
from skillwright.skills import Skill

if TYPE_CHECKING:
    import gymnasium

    from skillwright.agents.playing import PlayOutcome
    from skillwright.skills.library import Library

__all__ = ["Skills", "StoredSkill"]


class StoredSkill:
    """One version of one skill, with what it needs to act.

    Args:
        manifest: what the library tells of it.
        home: the folder it lies in.
    """

    def __init__(self, manifest: Skill, home: Home) -> None:
        self.manifest = manifest
        """Evidence, lineage, reward: all that is known of the skill."""
        self._home = home
        self._policy: Policy | None = None

    @property
    def reference(self) -> str:
        """``NAME@VERSION``, as the command line takes it."""
        return f"{self.manifest.name}@{self.manifest.version}"

    @property
    def is_verified(self) -> bool:
        """Whether it passed its test on held-out episodes."""
        return self.manifest.status == "verified"

    @property
    def policy(self) -> Policy:
        """The trained policy; numpy alone computes it.

        Raises:
            ConfigError: the skill is a program, and has none.
            CorruptArtifact: its file is missing or damaged.
        """
        if self.manifest.kind != "policy":
            raise ConfigError(f"{self.reference} is a {self.manifest.kind}, and acts in its world alone: use play()")
        if self._policy is None:
            self._policy = Policy.from_bytes(ArtifactStore(self._home.artifacts).get(self.manifest.policy))
        return self._policy

    @property
    def card(self) -> EnvCard:
        """The world's card, as it was when the skill was judged.

        Raises:
            CorruptArtifact: its file is missing or damaged.
        """
        from skillwright.skills.stored_card import read_card

        return read_card(self.manifest, ArtifactStore(self._home.artifacts))

    def act(self, observation: NDArray[np.floating]) -> Actions | int:
        """Chooses the most likely action, as ``env.step`` takes it.

        Args:
            observation: of one world, shape (observation_size,), or of several, shape (batch, observation_size).

        Returns:
            For one world a choice, or values of shape (num_components,); for several an array of them.
        """
        seen = np.asarray(observation, np.float32)
        actions = self.policy.act(np.atleast_2d(seen))
        if seen.ndim > 1:
            return actions
        return int(actions[0]) if self.policy.spec.action_kind == "discrete" else actions[0]

    def make_env(self, *, render_mode: str | None = None) -> "gymnasium.Env[NDArray[np.generic], object]":
        """Makes the skill's world with Gymnasium.

        Args:
            render_mode: Gymnasium's; ``"human"`` opens a window.

        Raises:
            MissingExtra: what the world needs is not installed.
            EnvError: Gymnasium cannot make it.
        """
        from skillwright.envs.gymnasium_backend import make_gymnasium_env

        return make_gymnasium_env(self.card, render_mode=render_mode)

    def play(self, num_episodes: int = 3, *, seed: int = 0, video: Path | str | None = None) -> "PlayOutcome":
        """Plays episodes, judges and films them.

        Args:
            num_episodes: one after another.
            seed: of the first; the next follow it.
            video: where the mp4 goes; none: into the folder of the run that made the skill.

        Raises:
            ConfigError: the number of episodes is not positive, or the seed is negative.
            CorruptArtifact: a file of the skill is missing or damaged.
        """
        from skillwright.agents.playing import PlayRequest, play_skill

        place = None if video is None else Path(video)
        request = PlayRequest(num_episodes=num_episodes, seed=seed, video=place)
        return play_skill(self._home, self.reference, request)

    def __repr__(self) -> str:
        evidence = self.manifest.evidence
        rate = "" if evidence.success_rate is None else f", success {evidence.success_rate:.0%}"
        episodes = f"{evidence.num_episodes} held-out episodes"
        return f"<{self.reference} in {self.manifest.env_id}: {self.manifest.status}{rate} on {episodes}>"


class Skills:
    """The library of a home folder; reads it anew each time.

    Args:
        home: the folder.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def __getitem__(self, reference: str) -> StoredSkill:
        """Finds a skill.

        Args:
            reference: ``NAME`` for its newest verified version, or its newest if none is; ``NAME@3`` for one version.

        Raises:
            NotFound: there is no such skill or version.
        """
        return StoredSkill(self._library().get(reference), self._home)

    def __contains__(self, reference: object) -> bool:
        try:
            return isinstance(reference, str) and self[reference] is not None
        except NotFound:
            return False

    def __iter__(self) -> Iterator[StoredSkill]:
        """Goes through what each name means, sorted by name."""
        return (StoredSkill(one, self._home) for one in self._library().list())

    def __len__(self) -> int:
        return len(self._library().list())

    def versions(self, name: str) -> list[StoredSkill]:
        """Lists all versions of a skill, newest first.

        Args:
            name: of the skill.

        Raises:
            NotFound: there is no such skill.
        """
        return [StoredSkill(one, self._home) for one in self._library().versions(name)]

    def __repr__(self) -> str:
        return "\n".join([f"<{len(self)} skills in {self._home.path}>", *map(repr, self)])

    def _repr_html_(self) -> str:
        """Shows the library as a table in a notebook."""
        rows = "".join(_row(skill.manifest) for skill in self)
        heads = "".join(f"<th>{head}</th>" for head in ("skill", "world", "status", "success"))
        return f"<table><tr>{heads}</tr>{rows}</table>"

    def _library(self) -> "Library":
        from skillwright.core.database import Database
        from skillwright.skills.library import Library

        return Library(Database.open(self._home), ArtifactStore(self._home.artifacts))


def _row(skill: Skill) -> str:
    rate = skill.evidence.success_rate
    cells = (f"{skill.name}@{skill.version}", skill.env_id, skill.status, "" if rate is None else f"{rate:.0%}")
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
