"""Options of the commands that train: how large a run is, and where it is computed."""

from typing import Annotated

import typer

__all__ = [
    "CandidatesOption",
    "DeviceOption",
    "FromExperienceOption",
    "GenerationsOption",
    "KeepExperienceOption",
    "TimestepsOption",
    "WorkersOption",
]

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
KeepExperienceOption = Annotated[
    float | None,
    typer.Option(
        "--keep-experience",
        min=1,
        metavar="MB",
        show_default=False,
        help="Keep episodes of every candidate as Minari datasets, at most so many megabytes of all runs together; the "
        "oldest give way.",
    ),
]
FromExperienceOption = Annotated[
    str | None,
    typer.Option(
        "--from-experience",
        metavar="RUN|DATASET",
        show_default=False,
        help="Screen rewards on the episodes that were kept of an earlier run, and let policies begin with what these "
        "teach under the new rewards.",
    ),
]
