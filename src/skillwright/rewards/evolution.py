"""The evolution of reward programs: propose, screen, train, judge, reflect; then finals on fresh seeds.

The loop of Eureka (Ma et al. 2023, arXiv:2310.12931, algorithm 1) with three deviations: parents come from all
generations, not only the newest (global elitism); finalists are retrained on fresh seeds and chosen by the lower
confidence bound of their fitness, not by one seed's maximum; the winner is judged on held-out seeds of worlds.

Every step is taken through the journal, so a killed run goes on where it stopped and ends the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from skillwright.compute import Executor
from skillwright.compute.executor import PATIENCE_S
from skillwright.core import ArtifactStore, EnvError, derive_seed
from skillwright.core.statistics import lower_confidence_bound
from skillwright.core.steps import Steps
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard
from skillwright.learners.problem import STRETCH_TIMESTEPS
from skillwright.learners.worlds import HELD_OUT_SEED, PLAY_OFF_SEED
from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.experience import Assessment, KeepRequest, Lessons
from skillwright.rewards.play_off import NUM_CONTENDERS, NUM_PLAY_OFF, choose, leaders
from skillwright.rewards.progress import Observer, Stage
from skillwright.rewards.proposers import Proposer, ranked, show
from skillwright.rewards.proposing import Assembly
from skillwright.rewards.records import (
    REFERENCE,
    Candidate,
    Contender,
    EvolutionResult,
    Generation,
    Judgement,
    Judgements,
    Note,
    Preference,
    Program,
    Proposal,
    Reflection,
    Screened,
    Trained,
)
from skillwright.rewards.reflection import reflect
from skillwright.rewards.screens.experience import Experience
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.screens.screener import Screener
from skillwright.rewards.shards import Shards
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import Job, JudgingRequest, TrainingRequest, judge_in_workers

__all__ = ["Evolution", "EvolutionParts"]

Critic = Callable[[Generation], str]
"""Asks a person what they think of the best of a generation; what they say goes into the next reflection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionParts:
    """What an evolution works on and with."""

    card: EnvCard
    task: str
    task_text: str
    """The task as the person put it."""
    reference: Program | None
    """The reward program a person wrote for the task; only compared with, never shown to the proposer."""
    proposer: Proposer
    executor: Executor
    steps: Steps
    artifacts: str
    """Folder of the artifact store."""
    observer: Observer
    given: Sequence[Proposal] = ()
    """Programs that are tried in the first generation, before anything else is asked for."""
    preference: Preference | None = None
    """Learned from beside every program's terms, the reference's excepted."""
    critic: Critic | None = None
    """None: nobody watches."""
    device: str = "cpu"
    """Where the networks are computed, as torch names it."""
    stretch_timesteps: int = STRETCH_TIMESTEPS
    """Env steps of a shard between two checkpoints."""
    patience_s: float = PATIENCE_S
    """Seconds without a sign of life after which a worker is given up."""
    keep: KeepRequest | None = None
    """Where the candidates' episodes are kept; none: nowhere."""
    experience: str | None = None
    """SHA-256 of a log of earlier candidates' episodes; none: there is none."""


class Evolution:
    """One run of the loop.

    Args:
        config: its size.
        parts: what it works on and with.
    """

    def __init__(self, config: EvolutionConfig, parts: EvolutionParts) -> None:
        self._config = config
        self._parts = parts
        self._tally = Tally(config, parts.observer)
        store = ArtifactStore(Path(parts.artifacts))
        self._assessment: Assessment | None = None
        self._experience = Experience(parts.card, parts.task, seed=config.seed, store=store)

    def run(self) -> EvolutionResult:
        """Runs the loop to its end.

        Returns:
            The whole evolution.

        Raises:
            EnvError: not one candidate could be trained.
        """
        self._assessment = self._assess_experience()
        history: list[Generation] = []
        while len(history) < self._config.num_generations:
            generation = self._run_generation(history)
            if not generation.candidates:
                break
            history.append(generation)
        if not ranked(history):
            raise EnvError(_nothing_trained(history))
        finalists = [item.candidate for item in ranked(history)[: self._config.num_finalists]]
        finals = self._run_finals(finalists)
        return self._conclude(history, finalists, finals)

    @traced("generation")
    def _run_generation(self, history: Sequence[Generation]) -> Generation:
        """Proposes, screens, trains and reflects; without candidates if no more could be had."""
        index, parts = len(history), self._parts
        annotate(generation=index)
        screened = parts.steps.once(f"g{index}/screened", Screened, lambda: self._propose_and_screen(history))
        seed = derive_seed(self._config.seed, "generation", index)
        jobs = [Job(candidate_id=one.id, program=one.program, seed=seed) for one in screened.accepted]
        trained = self._train(f"g{index}", "search", index, jobs) if jobs else []
        generation = Generation(
            index=index, candidates=screened.candidates, screenings=screened.screenings, trained=trained
        )
        note = self._hear_person(generation)
        reflection = parts.steps.once(f"g{index}/reflection", Reflection, lambda: reflect([*history, generation], note))
        return generation.model_copy(update={"reflection": reflection.text})

    @cached_property
    def _screener(self) -> Screener:
        """Records transitions when programs are first to be tried: a sitting that only judges needs none."""
        transitions = record_random_transitions(self._parts.card, seed=self._config.seed)
        screener = Screener(self._parts.card, transitions, None if self._config.has_screens else ())
        if self._lessons and self._config.has_screens:
            screener.recall(self._lessons.log.episodes, self._lessons.fitness)
        return screener

    @cached_property
    def _lessons(self) -> Lessons | None:
        """Judges the episodes of earlier candidates at this task."""
        parts = self._parts
        if parts.experience is None:
            return None
        return Lessons.read(ArtifactStore(Path(parts.artifacts)), parts.experience, parts.card, parts.task)

    def _assess_experience(self) -> Assessment | None:
        """Says once what the run takes from earlier candidates."""
        lessons = self._lessons
        if lessons is None:
            return None
        self._parts.observer.said(lessons.described())
        return self._parts.steps.once("experience", Assessment, lessons.assess)

    def _propose_and_screen(self, history: Sequence[Generation]) -> Screened:
        config, parts = self._config, self._parts
        self._tally.enter("proposing", len(history), config.num_candidates)
        for known in history:
            for candidate in Screened(candidates=known.candidates, screenings=known.screenings).accepted:
                self._screener.remember(candidate)
        if config.has_screens:
            self._experience.tell(self._screener, history)
        best_first = [item.candidate.id for item in ranked(history)]
        view = replace(
            show(parts.card, parts.task_text, history),
            kin=self._screener.kin(best_first) if config.has_diversity else frozenset(),
            has_elites=config.has_elites,
            has_reflection=config.has_reflection,
        )
        assembly = Assembly(
            view=view, proposer=parts.proposer, screener=self._screener, observer=parts.observer, seed=config.seed
        )
        return assembly.fill(() if history else parts.given, config.num_candidates)

    def _hear_person(self, generation: Generation) -> str:
        """Lets a person comment on a generation, once."""
        critic, is_last = self._parts.critic, generation.index == self._config.num_generations - 1
        if critic is None or is_last or not generation.trained:
            return ""
        return self._parts.steps.once(f"g{generation.index}/note", Note, lambda: Note(text=critic(generation))).text

    @traced("finals")
    def _run_finals(self, finalists: Sequence[Candidate]) -> list[Trained]:
        programs = {candidate.id: candidate.program for candidate in finalists}
        if self._parts.reference:
            programs[REFERENCE] = self._parts.reference
        jobs = [
            Job(candidate_id=name, program=program, seed=derive_seed(self._config.seed, "final", number))
            for number in range(self._config.num_final_seeds)
            for name, program in programs.items()
        ]
        return self._train("finals", "finals", self._config.num_generations - 1, jobs)

    def _train(self, key: str, stage: Stage, generation: int, jobs: Sequence[Job]) -> list[Trained]:
        """Trains jobs in shards side by side; a shard in the journal is not trained again."""
        self._tally.enter(stage, generation, len(jobs))
        parts, is_final = self._parts, stage == "finals"
        request = TrainingRequest(
            card=parts.card,
            task=parts.task,
            jobs=list(jobs),
            total_timesteps=self._config.final_timesteps if is_final else self._config.search_timesteps,
            heats=() if is_final else self._config.heats,
            is_final=is_final,
            num_selection=self._config.num_selection,
            artifacts=parts.artifacts,
            stretch_timesteps=parts.stretch_timesteps,
            device=parts.device,
            preference=parts.preference,
            experience=parts.experience if self._assessment and self._assessment.is_taught else None,
            keep=parts.keep and parts.keep.model_copy(update={"stage": f"{parts.keep.stage}-{key}"}),
        )
        shards = Shards(
            executor=parts.executor,
            steps=parts.steps,
            tally=self._tally,
            observer=parts.observer,
            num_shards=self._config.num_workers,
            patience_s=parts.patience_s,
        )
        return shards.train(key, request)

    def _conclude(
        self, history: list[Generation], finalists: Sequence[Candidate], finals: list[Trained]
    ) -> EvolutionResult:
        """Lets the best policies play off, and judges the winner and the reference on the held-out seeds."""
        self._tally.enter("judging", len(history) - 1, 1)
        own = [one for generation in history for one in generation.trained]
        own += [one for one in finals if one.candidate_id != REFERENCE]
        play_off = self._play_off("play-off", leaders(own, NUM_CONTENDERS))
        references = [one for one in finals if one.candidate_id == REFERENCE]
        reference_play_off = self._play_off("reference-play-off", leaders(references, len(references)))
        champions = [ranking[0].policy for ranking in (play_off, reference_play_off) if ranking]
        held_out = self._judge("held-out", champions, HELD_OUT_SEED, self._config.num_held_out)
        candidates = {candidate.id: candidate for generation in history for candidate in generation.candidates}
        placed = sorted(finalists, key=lambda candidate: _standing(candidate.id, finals))
        final_ids = [candidate.id for candidate in placed]
        others = [item.candidate.id for item in ranked(history) if item.candidate.id not in final_ids]
        return EvolutionResult(
            generations=history,
            finals=finals,
            play_off=play_off,
            ranking=[*final_ids, *others],
            winner=candidates[play_off[0].candidate_id],
            winner_policy=play_off[0].policy,
            held_out=held_out[0],
            reference_held_out=held_out[1] if reference_play_off else None,
            total_timesteps=sum(one.timesteps for generation in history for one in generation.trained)
            + sum(one.timesteps for one in finals),
        )

    def _play_off(self, key: str, contenders: Sequence[Trained]) -> list[Contender]:
        if not contenders:
            return []
        policies = [one.policy for one in contenders if one.policy]
        return choose(contenders, self._judge(key, policies, PLAY_OFF_SEED, NUM_PLAY_OFF))

    @traced("judging")
    def _judge(self, key: str, policies: Sequence[str], first_seed: int, num_episodes: int) -> list[Judgement]:
        """Has workers judge policies, unless the journal says how they did."""
        annotate(stage=key, policies=len(policies), episodes=num_episodes, first_seed=first_seed)
        request = JudgingRequest(
            card=self._parts.card,
            task=self._parts.task,
            policies=list(policies),
            seeds=(first_seed, num_episodes),
            artifacts=self._parts.artifacts,
        )
        executor, patience_s = self._parts.executor, self._parts.patience_s
        return self._parts.steps.once(
            key, Judgements, lambda: judge_in_workers(request, executor, patience_s=patience_s)
        ).judgements


def _standing(candidate_id: str, finals: Sequence[Trained]) -> tuple[int, float]:
    """Orders finalists: fewest failed seeds first, then the highest lower bound of the fitness."""
    results = [one.judgement for one in finals if one.candidate_id == candidate_id]
    fitness = np.array([judgement.fitness for judgement in results if judgement])
    bound = lower_confidence_bound(fitness) if len(fitness) > 1 else float(fitness.sum())
    return len(results) - len(fitness), -bound


def _nothing_trained(history: Sequence[Generation]) -> str:
    reasons = [screening.reason for generation in history for screening in generation.screenings if screening.reason]
    reasons += [one.failure for generation in history for one in generation.trained if one.failure]
    return "not one candidate could be trained: " + "; ".join(list(dict.fromkeys(reasons))[:5])
