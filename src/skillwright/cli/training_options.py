"""Options of the commands that train: how large a run is, and where it is computed."""

from typing import Annotated

import typer

__all__ = ["CandidatesOption", "DeviceOption", "GenerationsOption", "TimestepsOption", "WorkersOption"]

CandidatesOption = Annotated[
    int | None, typer.Option("--candidates", min=1, metavar="K", help="Reward programs per generation.")
]
GenerationsOption = Annotated[
    int | None, typer.Option("--generations", min=1, metavar="N", help="Generations of reward programs.")
]
TimestepsOption = Annotated[
    int | None,
    typer.Option(
        "--timesteps", min=1, metavar="T", help="Env steps of the whole run; without it, what the card advises."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Worker processes; without it, one per core."),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="NAME",
        help="Where networks are computed: auto (a GPU if there is one), cpu, cuda, cuda:1.",
    ),
]
