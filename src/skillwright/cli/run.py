"""``skillwright run`` and ``resume``: from a sentence to a stored skill."""

from typing import Annotated, Final

import typer

from skillwright.cli.agent import carry_out_learning
from skillwright.cli.carrying_out import carry_out
from skillwright.cli.helping import examples
from skillwright.cli.options import (
    LARGEST_SEED,
    AgentOption,
    EnvOption,
    HomeOption,
    JsonOption,
    MaxTokensOption,
    MaxUsdOption,
    ModelOption,
    ProposerOption,
    RunIdArgument,
    WeakerSandboxOption,
)
from skillwright.cli.training_options import (
    CandidatesOption,
    DeviceOption,
    FromExperienceOption,
    GenerationsOption,
    KeepExperienceOption,
    TimestepsOption,
    WorkersOption,
)
from skillwright.cli.writing import carry_out_writing
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home

__all__ = ["EXAMPLES", "resume", "run"]

EXAMPLES: Final = examples(
    'run "Land softly between the flags" --env box2d/LunarLander-v3',
    'run "Balance the pole" --env CartPole-v1 --seed 3 --generations 2',
)

_Text = Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="The task, in a sentence.")]
_Task = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The card's task that judges the skill; without it, the one nearest to the text."
    ),
]
_Seed = Annotated[
    int | None,
    typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the run, 0 if not given: it makes a new skill."),
]
_Reuse = Annotated[
    bool | None,
    typer.Option(
        "--reuse/--no-reuse",
        show_default=False,
        help="Take a verified skill of this very sentence, if there is one; without a --seed, that is the default.",
    ),
]


def run(
    text: _Text,
    env: EnvOption,
    task: _Task = None,
    seed: _Seed = None,
    candidates: CandidatesOption = None,
    generations: GenerationsOption = None,
    timesteps: TimestepsOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "auto",
    reuse: _Reuse = None,
    keep_experience_mb: KeepExperienceOption = None,
    from_experience: FromExperienceOption = None,
    model: ModelOption = None,
    agent: AgentOption = "default",
    proposer: ProposerOption = None,
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn a sentence into a trained, verified and stored skill.

    Exit status: 0 if the skill passed its test on held-out episodes, 1 if it did not.

    Ctrl-C keeps what is done; `skillwright resume` goes on from there.

    With --json: an object with `run_id`, `skill` (its manifest), `reused`, `held_out`, `wall_time_s`,
    `models` (role, model and what was spent), `report` and `video`.
    """
    from skillwright.agents import RunRequest
    from skillwright.agents.beginning import begin_run

    request = RunRequest(
        text=text,
        env=env,
        task=task,
        seed=seed or 0,
        num_candidates=candidates,
        num_generations=generations,
        total_timesteps=timesteps,
        num_workers=workers,
        device=device,
        keep_experience_mb=keep_experience_mb,
        from_experience=from_experience,
        reuse=seed is None if reuse is None else reuse,
        model=model,
        profile=agent,
        proposer=proposer,
        max_usd=max_usd,
        max_tokens=max_tokens,
    )
    carry_out(begin_run(Home.open(home), request), home=home, as_json=as_json)


def resume(
    run_id: RunIdArgument,
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a run that was interrupted or killed.

    It ends with the same skill as if it had never stopped. A limit given here takes the place of the one the run was
    begun with. Exit status and JSON are those of `run`.
    """
    from skillwright.cli.stores import open_journal
    from skillwright.llm import Limits

    limits, run = Limits(max_usd=max_usd, max_tokens=max_tokens), open_journal(home).run(run_id)
    if run.kind == "plan":
        raise ConfigError(f"{run.id} is a plan that was asked for, and has nothing to go on with; ask for it again")
    carry_on = {"program": carry_out_writing, "agent": carry_out_learning}.get(run.kind, carry_out)
    carry_on(run.id, home=home, as_json=as_json, limits=limits)
