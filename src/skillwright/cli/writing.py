"""``skillwright skills write``: a skill that is a program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillwright.cli.helping import examples
from skillwright.cli.options import (
    LARGEST_SEED,
    AgentOption,
    HomeOption,
    JsonOption,
    MaxTokensOption,
    MaxUsdOption,
    ModelOption,
    WeakerSandboxOption,
)
from skillwright.cli.resuming import resumable
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.llm import Limits

__all__ = ["carry_out_writing", "commands"]

commands = typer.Typer()

_World = Annotated[
    str, typer.Argument(metavar="ENV[/TASK]", show_default=False, help="The world, and the task that judges the skill.")
]
_Text = Annotated[
    str,
    typer.Option(
        "--task", metavar="TEXT", show_default=False, help="The card's task in your words, for whoever writes it."
    ),
]
_OwnTask = Annotated[
    str,
    typer.Option(
        "--task-text",
        metavar="TEXT",
        show_default=False,
        help="A task of your own, where none of the card's fits: a language model judges it, and you confirm that.",
    ),
]
_Yes = Annotated[bool, typer.Option("--yes", help="Take a language model's judgement for yours without a look.")]
_Turns = Annotated[int, typer.Option(min=1, max=100, metavar="N", help="Most programs that a model writes.")]
_StepLimit = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", show_default=False, help="Env steps of an episode; else the card's horizon."),
]
_Name = Annotated[str, typer.Option(metavar="NAME", show_default=False, help="Of the skill; else made of the task.")]
_Program = Annotated[
    Path | None,
    typer.Option(
        "--program", metavar="FILE", show_default=False, help="A program you wrote, which defines skill(s, run)."
    ),
]
_Episodes = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        show_default=False,
        help="Held-out episodes on which it is judged; else 50, or 5 where a language model judges each.",
    ),
]
_Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the run.")]


@commands.command(
    "write",
    epilog=examples(
        "skills write LunarLander-v3/land --model openai:gpt-5-mini",
        'skills write LunarLander-v3 --task-text "hover, then drift to the left" --model openai:gpt-5-mini',
        "skills write LunarLander-v3/land --program hover_then_land.py --name hover-then-land",
    ),
)
def write(
    world: _World,
    text: _Text = "",
    own_task: _OwnTask = "",
    yes: _Yes = False,
    name: _Name = "",
    program: _Program = None,
    turns: _Turns = 4,
    episodes: _Episodes = None,
    step_limit: _StepLimit = None,
    seed: _Seed = 0,
    model: ModelOption = None,
    agent: AgentOption = "default",
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a skill that is a program: it runs skills of your library, and decides which comes next.

    A language model writes it and repairs it against the world, or you give yours with --program. It is judged on
    held-out episodes and stored with its evidence. Where the task has no success program, a language model reads what
    the fields did and judges, and the skill stays a draft until you confirm that. Exits with 0 if the skill is
    verified, 1 if it is not.

    With --json: its manifest, an object.
    """
    from skillwright.agents.programming import ProgramRequest, begin_program

    request = ProgramRequest(
        world=world,
        text=text,
        own_task=own_task,
        is_confirmed=yes,
        name=name,
        source=None if program is None else _read(program),
        seed=seed,
        num_turns=turns,
        num_held_out=episodes,
        step_limit=step_limit,
        model=model,
        profile=agent,
        max_usd=max_usd,
        max_tokens=max_tokens,
    )
    carry_out_writing(begin_program(Home.open(home), request), home=home, as_json=as_json)


def carry_out_writing(run_id: str, *, home: Path | None, as_json: bool, limits: "Limits | None" = None) -> None:
    """Carries a run of this kind out before a person's eyes.

    Args:
        run_id: id of the run.
        home: the home folder as the person gave it.
        as_json: whether a program reads standard output.
        limits: what models may cost from now on; what it leaves open is as the run was begun.

    Raises:
        Exit: always: 0 if the skill is verified, 1 if it is not.
    """
    from skillwright.agents.programming import carry_out_program
    from skillwright.cli.answering import person_at
    from skillwright.cli.display.progress import watching
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.display.writing import show_program
    from skillwright.llm.ledger import NO_LIMITS

    with resumable(run_id, home=home), watching(terminal(stderr=as_json)) as observer:
        observer.said(f"Run {run_id}. Ctrl-C keeps what is done.")
        person = person_at(terminal(stderr=as_json), observer)
        record = carry_out_program(Home.open(home), run_id, observer, limits=limits or NO_LIMITS, person=person)
    if as_json:
        print_json(record.skill)
    else:
        show_program(terminal(), record)
    raise typer.Exit(0 if record.skill.status == "verified" else 1)


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place} cannot be read: {error}") from error
