"""``skillwright models``: the language models that can be used."""

from pathlib import Path
from typing import Annotated

import typer

from skillwright.cli.helping import examples, help_unless_told
from skillwright.cli.options import HomeOption, JsonOption, RunIdArgument
from skillwright.core.home import Home

__all__ = ["commands"]

commands = typer.Typer(
    name="models",
    help="List the language models at hand, check what one can do, and replay a run without one.",
    callback=help_unless_told,
    invoke_without_command=True,
    epilog=examples(
        "models list",
        "models check ollama:qwen3:8b",
        "models check vllm:Qwen/Qwen3-8B@http://localhost:8000/v1",
        "models replay 20260131-142501-k3xq --to landing.jsonl",
    ),
)

_Server = Annotated[
    list[str] | None,
    typer.Option("--server", metavar="URL", help="Look at this server too; may be given several times."),
]
_Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", show_default=False, help="A model's name, such as openai:gpt-5-mini or vllm:MODEL@URL."
    ),
]
_Timeout = Annotated[
    float, typer.Option("--timeout", min=1, max=600, metavar="SECONDS", help="Seconds after which a request ends.")
]
_To = Annotated[
    Path | None,
    typer.Option("--to", metavar="PATH", help="Where the recording goes; without it, RUN.replay.jsonl, here."),
]


@commands.command("list")
def list_models(server: _Server = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List providers, servers on this machine, and prices.

    A key is only said to be there or not. A model without a listed price has no known price; that is never counted as
    nothing.

    With --json: an object with `providers` (`name`, `example`, `is_installed`, `install`, `key`, `key_variable`),
    `servers` (`url`, `models`, `problem`, `naming`), `prices` (model to `input`, `output`, `as_of`, `source`) and
    `checked`.
    """
    from skillwright.cli.display.models import show_models
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.llm import listing

    found = listing.list_models(Home.open(home), servers=server or ())
    if as_json:
        print_json(found)
    else:
        show_models(terminal(), found)


@commands.command("check")
def check_model(model: _Model, timeout: _Timeout = 60, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Try what a model can do, and remember it.

    At most 10 requests are sent, of at most 512 tokens each; with a hosted model they cost a fraction of a cent. Exits
    with 2 if the name is unknown or the model cannot be reached.

    With --json: an object with `model`, `probes` (`name`, `answer`: yes, no or unknown, `detail`, `seconds`), `path`
    (how it will be asked, in sentences) and `found` (`checked_at`, `abilities`, `tokens_per_second`).
    """
    from skillwright.cli.display.models import show_checked, show_probe
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.llm.probing import check_model as check
    from skillwright.llm.remembering import remember
    from skillwright.llm.spec import parse_spec

    opened, spec, console = Home.open(home), parse_spec(model), terminal(stderr=as_json)
    checked = check(spec, timeout_s=timeout, said=lambda probe: show_probe(console, probe))
    if checked.path:
        remember(opened, spec, checked.found)
    if as_json:
        print_json(checked)
    else:
        show_checked(console, checked)


@commands.command("replay")
def replay_run(run_id: RunIdArgument, to: _To = None, home: HomeOption = None) -> None:
    """Write what models said in a run to a file, from which the run can be repeated without any model.

    Name the file as the model: `--model replay:FILE`.
    """
    from skillwright.cli.stores import open_journal
    from skillwright.llm.replay import write_replay

    journal = open_journal(home)
    run = journal.run(run_id)
    path = to or Path(f"{run.id}.replay.jsonl")
    num_requests = write_replay(journal, run.id, path)
    typer.echo(f"Wrote {num_requests} requests to {path}. Repeat the run without a model: --model replay:{path}")
