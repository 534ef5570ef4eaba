"""Arguments and options that several commands share."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

__all__ = [
    "LARGEST_SEED",
    "AgentOption",
    "EnvOption",
    "HomeOption",
    "JsonOption",
    "LogJsonOption",
    "MaxTokensOption",
    "MaxUsdOption",
    "ModelOption",
    "OtelOption",
    "ProposerOption",
    "RunIdArgument",
    "WeakerSandboxOption",
]

LARGEST_SEED: Final = 2**31 - 1
"""Largest seed that every simulator takes."""

EnvOption = Annotated[
    str, typer.Option("--env", metavar="ID", show_default=False, help="The world; `envs list` names them.")
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="SKILLWRIGHT_HOME",
        metavar="PATH",
        help="Folder of your skills and runs; without it, your platform's folder for user data.",
    ),
]
"""The home folder of this command."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
"""Whether a program reads the output."""

LogJsonOption = Annotated[
    str | None,
    typer.Option(
        "--log-json",
        envvar="SKILLWRIGHT_LOG_JSON",
        metavar="FILE",
        show_default=False,
        help="Write what the command does to a file, as lines of JSON; `-` for standard error.",
    ),
]
"""Where the trace of this command goes."""

OtelOption = Annotated[
    bool,
    typer.Option(
        "--otel",
        help="Send what the command does to an OpenTelemetry collector; OTEL_EXPORTER_OTLP_ENDPOINT names it, and does "
        "so without this option too.",
    ),
]
"""Whether the trace of this command is sent."""


def _allow_weaker_sandbox(allowed: bool) -> bool:
    """Tells this process and its workers."""
    if allowed:
        from skillwright.sandbox.layers import ALLOW_WEAKER

        os.environ[ALLOW_WEAKER] = "1"
    return allowed


WeakerSandboxOption = Annotated[
    bool,
    typer.Option(
        "--allow-weaker-sandbox",
        callback=_allow_weaker_sandbox,
        help="Run programs although this machine lacks a layer that confines them.",
    ),
]
"""Whether a sandbox that lacks a layer will do."""

RunIdArgument = Annotated[
    str,
    typer.Argument(metavar="RUN_ID", show_default=False, help="Id of the run, or as much of it as is unique."),
]
"""Which run."""

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        show_default=False,
        metavar="NAME",
        help="Language model for every role, such as openai:gpt-5-mini, vllm:MODEL@URL or replay:FILE; several with "
        "commas between them share the work; `none` for none. Without it SKILLWRIGHT_MODEL says, then the profile.",
    ),
]
"""Which language models work."""

AgentOption = Annotated[
    str, typer.Option("--agent", metavar="PROFILE", help="Agent profile of agents/: which model works in which role.")
]
"""Which agent profile says the rest."""

MaxUsdOption = Annotated[
    float | None,
    typer.Option(
        "--max-usd", min=0, metavar="X", show_default=False, help="Most money that models may cost in this run."
    ),
]
MaxTokensOption = Annotated[
    int | None,
    typer.Option(
        "--max-tokens", min=0, metavar="N", show_default=False, help="Most tokens that models may take in this run."
    ),
]

ProposerOption = Annotated[
    str | None,
    typer.Option(
        "--proposer",
        show_default=False,
        metavar="NAME",
        help="Who writes the rewards: llm, search or both; without it the model, if there is one.",
    ),
]
"""Who writes the rewards."""
