"""``skillwright evolve``: rewards for one task of one world, or for a task in a person's own words."""

from typing import Annotated, Final

import typer

from skillwright.cli.carrying_out import begin_and_carry_out
from skillwright.cli.helping import examples
from skillwright.cli.options import (
    LARGEST_SEED,
    AgentOption,
    HomeOption,
    JsonOption,
    MaxTokensOption,
    MaxUsdOption,
    ModelOption,
    ProposerOption,
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

__all__ = ["EXAMPLES", "evolve"]

EXAMPLES: Final = examples(
    "evolve box2d/LunarLander-v3/land --candidates 8 --generations 2",
    "evolve mujoco/Hopper-v5/run --model openai:gpt-5-mini --max-usd 1",
    'evolve mujoco/Hopper-v5 --task "stand still, upright" --model ollama:qwen3:8b',
)

_World = Annotated[
    str,
    typer.Argument(
        metavar="ENV/TASK", show_default=False, help="A world and one of its tasks; `envs show` names them."
    ),
]
_Task = Annotated[
    str | None,
    typer.Option(
        "--task",
        metavar="TEXT",
        show_default=False,
        help="A task of your own, in a sentence: a model writes down how it is judged, and you confirm it.",
    ),
]
_Yes = Annotated[bool, typer.Option("--yes", help="Take whatever the model understood by your task.")]
_Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the run.")]
_Feedback = Annotated[
    bool, typer.Option("--feedback", help="After each generation, watch its best policy and say what you think of it.")
]
_Preferences = Annotated[
    str | None,
    typer.Option(
        "--preferences",
        metavar="ID",
        show_default=False,
        help="Train with what was learned from your choices too: the id that `prefer` printed, or that of its run.",
    ),
]
_Weight = Annotated[
    float,
    typer.Option("--preference-weight", min=0.001, metavar="W", help="How much your choices count, in deviations."),
]
_From = Annotated[
    str | None,
    typer.Option("--from", metavar="RUN_ID", show_default=False, help="Try the best rewards of an earlier run first."),
]
_Reflection = Annotated[
    bool, typer.Option("--no-reflection", help="Do not tell proposers what earlier generations taught.")
]
_Screens = Annotated[bool, typer.Option("--no-screens", help="Train whatever runs and returns finite terms.")]
_Racing = Annotated[bool, typer.Option("--no-racing", help="Train every candidate to the end.")]
_Elitism = Annotated[bool, typer.Option("--no-elitism", help="Take parents from the newest generation only.")]
_Diversity = Annotated[
    bool, typer.Option("--no-diversity", help="Let parents be as like each other as their fitness makes them.")
]


def evolve(
    world: _World,
    task: _Task = None,
    yes: _Yes = False,
    seed: _Seed = 0,
    candidates: CandidatesOption = None,
    generations: GenerationsOption = None,
    timesteps: TimestepsOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "auto",
    model: ModelOption = None,
    agent: AgentOption = "default",
    proposer: ProposerOption = None,
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    feedback: _Feedback = False,
    preferences: _Preferences = None,
    preference_weight: _Weight = 1.0,
    from_run: _From = None,
    keep_experience_mb: KeepExperienceOption = None,
    from_experience: FromExperienceOption = None,
    no_reflection: _Reflection = False,
    no_screens: _Screens = False,
    no_racing: _Racing = False,
    no_elitism: _Elitism = False,
    no_diversity: _Diversity = False,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evolve reward programs for a task, and keep the best policy as a skill.

    Proposes rewards, screens them, trains the rest as one population, judges the policies by the task's own test, tells
    the proposer what each term did, and goes on from the best. Finalists are trained again on fresh seeds, beside the
    reference reward.

    Exit status, Ctrl-C, `skillwright resume` and --json are those of `run`.
    """
    from skillwright.agents import RunRequest, targets

    target = targets.find_target(world, own=task)
    request = RunRequest(
        text=target.text,
        env=target.env,
        task=target.task,
        seed=seed,
        num_candidates=candidates,
        num_generations=generations,
        total_timesteps=timesteps,
        num_workers=workers,
        device=device,
        keep_experience_mb=keep_experience_mb,
        from_experience=from_experience,
        reuse=False,
        is_own_task=task is not None,
        is_confirmed=yes,
        model=model,
        profile=agent,
        proposer=proposer,
        max_usd=max_usd,
        max_tokens=max_tokens,
        has_feedback=feedback,
        preferences=preferences,
        preference_weight=preference_weight,
        from_run=from_run,
    )
    switches = _switches(no_reflection, no_screens, no_racing, no_elitism, no_diversity)
    begin_and_carry_out(request.model_copy(update=switches), home=home, as_json=as_json)


def _switches(*are_off: bool) -> dict[str, bool]:
    """Says of each part of the loop whether it is on."""
    names = ("has_reflection", "has_screens", "has_racing", "has_elites", "has_diversity")
    return {name: not is_off for name, is_off in zip(names, are_off, strict=True)}
