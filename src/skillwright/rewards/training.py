"""What a worker does for an evolution: trains a shard of candidates, or judges policies on given seeds."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from skillwright.compute import Executor, Loss, Task, run_with_retry
from skillwright.compute.executor import PATIENCE_S, Report
from skillwright.core import ArtifactStore, CorruptArtifact, WorkerDied
from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners import (
    Checkpoints,
    Entrant,
    EpisodeScorer,
    Policy,
    Problem,
    Race,
    RewardSource,
    TrainedPolicy,
    TrainingPlan,
)
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.problem import STRETCH_TIMESTEPS
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.budget import split
from skillwright.rewards.checkpoints import StoredCheckpoints
from skillwright.rewards.curves import thin_out
from skillwright.rewards.experience import ExperienceLog, Keeper, KeepRequest, begin_with
from skillwright.rewards.heartbeat import Heartbeat
from skillwright.rewards.judge import Judge, summarize
from skillwright.rewards.preferences.sources import BlendedReward, load_preference_reward
from skillwright.rewards.records import REFERENCE, Judgement, Judgements, Preference, Program, Trained, TrainedShard
from skillwright.rewards.sources import EnvReward, ProgramReward

__all__ = [
    "Job",
    "JudgingRequest",
    "TrainingReport",
    "TrainingRequest",
    "judge_in_workers",
    "judge_policies",
    "train_shard",
]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Job(_Message):
    """One policy to train."""

    candidate_id: str
    program: Program | None
    """None: the environment's own reward."""
    seed: int


class TrainingRequest(_Message):
    """A shard of a population."""

    card: EnvCard
    task: str
    jobs: list[Job]
    total_timesteps: int
    """Env steps of a policy that stays in the race."""
    heats: tuple[float, ...] = ()
    """Fractions of the training at which the worse half is dropped."""
    is_final: bool = False
    """Whether these are the finals."""
    num_selection: int
    """Episodes on which each trained policy is judged."""
    artifacts: str
    """Folder of the artifact store."""
    stretch_timesteps: int = STRETCH_TIMESTEPS
    """Env steps, all jobs together, between two checkpoints."""
    device: str = "cpu"
    """Where the networks are computed, as torch names it."""
    preference: Preference | None = None
    """Learned from beside every candidate's own terms, though not beside the reference's."""
    checkpoint: str | None = None
    """SHA-256 of the state to begin from; none: from the beginning."""
    keep: KeepRequest | None = None
    """Where episodes are kept; none: nowhere."""
    experience: str | None = None
    """SHA-256 of the log that the policies begin with, the reference's excepted; none: at random."""


class JudgingRequest(_Message):
    """Policies to judge."""

    card: EnvCard
    task: str
    policies: list[str]
    """SHA-256 of each policy artifact."""
    seeds: tuple[int, int]
    """First seed and number of seeds."""
    artifacts: str


class TrainingReport(_Message):
    """How far a shard is."""

    timesteps: int
    """Env steps so far, all its policies together, those before its checkpoint included."""
    fitness: float | None
    """Newest mean fitness of the best policy's training episodes."""
    checkpoint: str | None = None
    """SHA-256 of this state, if it has just been stored."""


def train_shard(request: str, report: Report) -> str:
    """Trains a shard and stores its policies; a ``Function`` of ``skillwright.compute``.

    Args:
        request: a ``TrainingRequest``.
        report: takes ``TrainingReport``.

    Returns:
        A ``TrainedShard``.
    """
    shard = TrainingRequest.model_validate_json(request)
    store = ArtifactStore(Path(shard.artifacts))
    judge = Judge(shard.card, shard.task)
    announcer = _Announcer(report)
    keeper = Keeper(shard.card, shard.keep) if shard.keep else None
    try:
        trained = _train(shard, judge, announcer, StoredCheckpoints(store, shard.checkpoint, announcer.saved), keeper)
    except CorruptArtifact:  # a state of another version of the learner
        trained = _train(shard, judge, announcer, StoredCheckpoints(store, None, announcer.saved), keeper)
    policies = [one.policy for one in trained if one.policy]
    seeds, heartbeat = selection_seeds(shard.num_selection), Heartbeat(announcer.repeat)
    played = _play(shard.card, policies, seeds, heartbeat)
    judgements = iter(_judge(judge, played, heartbeat))
    results = [
        _record(job, one, next(judgements) if one.policy else None, store)
        for job, one in zip(shard.jobs, trained, strict=True)
    ]
    if keeper:
        _keep(keeper, [one for one in results if one.policy], played, seeds)
    return to_json(TrainedShard(trained=results))


def judge_policies(request: str, report: Report) -> str:
    """Judges stored policies on given seeds; a ``Function`` of ``skillwright.compute``.

    Args:
        request: a ``JudgingRequest``.
        report: takes an empty object now and then.

    Returns:
        A ``Judgements``.
    """
    asked = JudgingRequest.model_validate_json(request)
    store = ArtifactStore(Path(asked.artifacts))
    policies = [Policy.from_bytes(store.get(sha)) for sha in asked.policies]
    first, num = asked.seeds
    judge, heartbeat = Judge(asked.card, asked.task), Heartbeat(lambda: report("{}"))
    judgements = _judge(judge, _play(asked.card, policies, range(first, first + num), heartbeat), heartbeat)
    return to_json(Judgements(judgements=judgements))


def judge_in_workers(request: JudgingRequest, executor: Executor, *, patience_s: float = PATIENCE_S) -> Judgements:
    """Has workers judge policies side by side, and waits for them.

    Args:
        request: the policies and seeds.
        executor: has the workers.
        patience_s: seconds without a sign of life after which a worker is given up.

    Returns:
        One judgement per policy, in order.

    Raises:
        WorkerDied: some of the policies have lost their worker twice.
    """
    shares = split(range(len(request.policies)), executor.num_workers)
    requests = [request.model_copy(update={"policies": [request.policies[i] for i in share]}) for share in shares]
    function = f"{__name__}:{judge_policies.__name__}"
    tasks = [Task(function=function, request=to_json(one), patience_s=patience_s) for one in requests]
    judged: dict[int, Judgement] = {}
    for number, outcome in run_with_retry(executor, tasks, lambda *_: None, lambda number, _: tasks[number]):
        if isinstance(outcome, Loss):
            raise WorkerDied(f"policies could not be judged: {outcome.reason}")
        judgements = Judgements.model_validate_json(outcome.text).judgements
        judged.update(zip(shares[number], judgements, strict=True))
    return Judgements(judgements=[judged[index] for index in range(len(request.policies))])


class _Announcer:
    """Tells the parent how far a shard is; while its policies are judged, that is what it said last."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._newest = TrainingReport(timesteps=0, fitness=None)

    def advanced(self, timesteps: int, fitness: float | None) -> None:
        self._newest = TrainingReport(timesteps=timesteps, fitness=fitness)
        self.repeat()

    def saved(self, sha: str) -> None:
        self._report(to_json(self._newest.model_copy(update={"checkpoint": sha})))

    def repeat(self) -> None:
        self._report(to_json(self._newest))


def _train(
    shard: TrainingRequest, judge: Judge, announcer: _Announcer, checkpoints: Checkpoints, keeper: Keeper | None
) -> list[TrainedPolicy]:
    plan = TrainingPlan(
        total_timesteps=shard.total_timesteps,
        race=Race(heats=shard.heats),
        report=announcer.advanced,
        stretch_timesteps=shard.stretch_timesteps,
        checkpoints=checkpoints,
        device=shard.device,
    )
    store = ArtifactStore(Path(shard.artifacts))
    entrants = [Entrant(_reward_source(shard, job, store), job.seed) for job in shard.jobs]
    scorer: EpisodeScorer = judge.score
    learner = make_learner(shard.card, is_final=shard.is_final)
    if shard.experience:
        log = ExperienceLog.from_bytes(store.get(shard.experience), shard.card)
        own = [number for number, job in enumerate(shard.jobs) if job.candidate_id != REFERENCE]
        begun = begin_with(log, shard.card, learner, [entrants[number] for number in own], announcer.repeat)
        for number, entrant in zip(own, begun, strict=True):
            entrants[number] = entrant
    if keeper:
        entrants = [_watched(keeper, one, job) for one, job in zip(entrants, shard.jobs, strict=True)]
        scorer = keeper.sampling(scorer)
    problem = Problem(card=shard.card, score_episodes=scorer)
    return learner.train(problem, entrants, plan)


def _reward_source(shard: TrainingRequest, job: Job, store: ArtifactStore) -> RewardSource:
    own = EnvReward() if job.program is None else ProgramReward(shard.card, job.program)
    if shard.preference is None or job.candidate_id == REFERENCE:
        return own
    learned = load_preference_reward(store, shard.preference.model, shard.card)
    return BlendedReward(own, learned, shard.preference.weight)


def _watched(keeper: Keeper, entrant: Entrant, job: Job) -> Entrant:
    """Lets a candidate's training episodes be kept; the reference's are a person's, not a candidate's."""
    if job.candidate_id == REFERENCE:
        return entrant
    return entrant._replace(reward=keeper.watching(entrant.reward, (job.candidate_id, job.seed)))


def _keep(
    keeper: Keeper, trained: Sequence[Trained], played: Sequence[Sequence[TransitionBlock]], seeds: Sequence[int]
) -> None:
    """Keeps the shard's episodes."""
    for one, episodes in zip(trained, played, strict=True):
        if one.candidate_id != REFERENCE and one.policy:
            keeper.judged((one.candidate_id, one.seed), one.policy, episodes, seeds)
    keeper.write()


def _play(
    card: EnvCard, policies: Sequence[Policy], seeds: Sequence[int], heartbeat: Heartbeat
) -> list[list[TransitionBlock]]:
    return play_episodes(card, policies, seeds, stepped=heartbeat.beat) if policies else []


def _judge(judge: Judge, played: Sequence[Sequence[TransitionBlock]], heartbeat: Heartbeat) -> list[Judgement]:
    judgements = []
    for episodes in played:
        judgements.append(summarize(judge.score(episodes)))
        heartbeat.beat()
    return judgements


def _record(job: Job, trained: TrainedPolicy, judgement: Judgement | None, store: ArtifactStore) -> Trained:
    return Trained(
        candidate_id=job.candidate_id,
        seed=job.seed,
        timesteps=trained.timesteps,
        policy=store.put(trained.policy.to_bytes()) if trained.policy else None,
        curve=thin_out(trained.curve),
        judgement=judgement,
        failure=trained.failure,
        dropped=trained.dropped,
    )
