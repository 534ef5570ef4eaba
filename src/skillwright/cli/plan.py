"""``skillwright plan``: what would be done, before anything is spent on it."""

from typing import Annotated, Final

import typer

from skillwright.cli.helping import examples
from skillwright.cli.options import (
    AgentOption,
    HomeOption,
    JsonOption,
    MaxTokensOption,
    MaxUsdOption,
    ModelOption,
)
from skillwright.core.home import Home

__all__ = ["EXAMPLES", "plan"]

EXAMPLES: Final = examples(
    'plan "Hover, then land softly between the flags" --env LunarLander-v3',
    'plan "Balance the pole"',
)

_Text = Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="The task, in a sentence.")]
_Env = Annotated[
    str | None,
    typer.Option("--env", metavar="ID", show_default=False, help="The world; without it, the sentence says."),
]
_Reuse = Annotated[bool, typer.Option("--reuse/--no-reuse", help="Take skills of the library where they serve.")]


def plan(
    text: _Text,
    env: _Env = None,
    reuse: _Reuse = True,
    model: ModelOption = None,
    agent: AgentOption = "default",
    max_usd: MaxUsdOption = None,
    max_tokens: MaxTokensOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a sentence would be turned into skills: what is reused, what must be made, and what that will take.

    Nothing is trained, and the library stays as it is. With a language model, its question is asked and paid for, and
    kept as a run of the kind `plan`.

    With --json: an object with `plan`, `world` and `why`, `reused` (manifests), `estimate`, `spent` and `notes`.
    """
    from skillwright.agents import RunRequest
    from skillwright.agents.planning import find_world, preview_plan
    from skillwright.cli.display.plan import plan_as_json, show_preview
    from skillwright.cli.display.terminal import print_json, terminal

    world = find_world(text, env)
    request = RunRequest(
        text=text,
        env=world.card.id,
        reuse=reuse,
        model=model,
        profile=agent,
        max_usd=max_usd,
        max_tokens=max_tokens,
    )
    preview = preview_plan(Home.open(home), request, world)
    if as_json:
        print_json(plan_as_json(preview))
    else:
        show_preview(terminal(), preview)
