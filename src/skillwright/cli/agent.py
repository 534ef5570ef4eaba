"""``skillwright agent``: learns by itself in one world."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

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
    WeakerSandboxOption,
)
from skillwright.cli.resuming import resumable
from skillwright.cli.training_options import (
    CandidatesOption,
    DeviceOption,
    GenerationsOption,
    TimestepsOption,
    WorkersOption,
)
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.llm import Limits

__all__ = ["EXAMPLES", "agent", "carry_out_learning", "read_duration"]

EXAMPLES: Final = examples(
    "agent --env LunarLander-v3 --for 1h",
    "agent --env CartPole-v1 --for 90s --timesteps 400000",
    "agent --env LunarLander-v3 --for 2h --model openai:gpt-5-mini --max-usd 3",
)
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}

_For = Annotated[
    str, typer.Option("--for", metavar="TIME", help="How long it may work, such as 2h, 90m, 30s or 1h30m.")
]
_Goals = Annotated[
    int | None, typer.Option(min=1, metavar="N", show_default=False, help="Most tasks that it sets itself.")
]
_Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of its first run.")]


def agent(
    env: EnvOption,
    for_: _For = "1h",
    goals: _Goals = None,
    seed: _Seed = 0,
    candidates: CandidatesOption = None,
    generations: GenerationsOption = None,
    timesteps: TimestepsOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "auto",
    model: ModelOption = None,
    profile: AgentOption = "default",
    proposer: ProposerOption = None,
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    weaker: WeakerSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let an agent set itself tasks in a world, learn them one after another, and put them together.

    What it learns enters the library, and what the library has it does not learn again. Without a language model it
    takes up the card's tasks, the nearest first, then pairs of them, then what failed. With one, the model sets the
    tasks, also such as no card judges; what it writes to judge them is taken without asking you.

    The size options are those of every run of its. Exits with 0 if it learned something, 1 if it did not.

    Ctrl-C keeps what is done; `skillwright resume` goes on from there, until the time is used up.

    With --json: an object with `run_id`, `env_id`, `curriculum`, `past` (pairs of goal and outcome), `stopped`,
    `unfinished`, `wall_time_s` and `spent`.
    """
    from skillwright.agents import RunRequest
    from skillwright.agents.exploring.explorer import ExploreRequest
    from skillwright.agents.exploring.exploring import begin_exploration

    request = RunRequest(
        text="Learn by itself",
        env=env,
        seed=seed,
        num_candidates=candidates,
        num_generations=generations,
        total_timesteps=timesteps,
        num_workers=workers,
        device=device,
        model=model,
        profile=profile,
        proposer=proposer,
        max_usd=max_usd,
        max_tokens=max_tokens,
    )
    explore = ExploreRequest(run=request, max_seconds=read_duration(for_), max_goals=goals)
    carry_out_learning(begin_exploration(Home.open(home), explore), home=home, as_json=as_json)


def carry_out_learning(run_id: str, *, home: Path | None, as_json: bool, limits: "Limits | None" = None) -> None:
    """Carries a run of this kind out before a person's eyes.

    Args:
        run_id: id of the run.
        home: the home folder as the person gave it.
        as_json: whether a program reads standard output.
        limits: what models may cost from now on; what it leaves open is as the run was begun.

    Raises:
        Exit: always: 0 if something was learned, 1 if not.
    """
    from skillwright.agents.exploring.exploring import carry_out_exploration
    from skillwright.cli.display.exploration import show_exploration
    from skillwright.cli.display.progress import watching
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.llm.ledger import NO_LIMITS
    from skillwright.report.finishing import report_run

    opened, console = Home.open(home), terminal(stderr=as_json)
    with resumable(run_id, home=home), watching(console) as observer:
        observer.said(f"Run {run_id}. Ctrl-C keeps what is done.")
        done = carry_out_exploration(
            opened, run_id, observer, lambda record: report_run(opened, record), limits=limits or NO_LIMITS
        )
    if as_json:
        print_json(done)
    else:
        show_exploration(terminal(), done, home=home)
    raise typer.Exit(0 if done.num_learned else 1)


def read_duration(text: str) -> float:
    """Reads a time such as ``1h30m``.

    Args:
        text: numbers with h, m or s behind each.

    Returns:
        Seconds.

    Raises:
        ConfigError: it has another form.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", text.strip().lower())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip().lower():
        raise ConfigError(f"{text!r} is no time; write it as 2h, 90m, 30s or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
