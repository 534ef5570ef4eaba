"""A warmed-up process that forks sittings of evolutions, each of which kills itself at a moment that a test chose.

Reads an order per line: ``{"home", "run_id", "key", "rows", "ticks", "delay_s"}``. A sitting is a fork that carries the
run out; everything it trains, it trains itself. Its course is cut into ticks: a request sent, a piece of a reply heard,
a row of the journal begun and committed, a stretch trained. At the first tick with so many rows in the journal and so
many ticks since the newest one, or later, it gets a SIGKILL after the delay; with ``"rows": null`` it ends by itself.

Writes JSON lines: ``{"trains": [[id, seed], ...]}`` for every shard, ``{"at": [rows, ticks, name]}`` for every tick and
for the one that was fatal ``{"dies": ...}``; last ``{"ended": STATUS}``, negative for a signal.
"""

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path

import torch

from skillwright.agents import acquiring, running
from skillwright.compute import Result
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.llm.langchain_model import LangChainModel
from skillwright.rewards import training
from skillwright.rewards.evolution import EvolutionParts

STRETCH_TIMESTEPS = 512
NOTHING_YET = -1
PIECES_PER_TICK = 6
LOADED_LATE = (
    "alembic", "envpool", "gymnasium", "imageio_ffmpeg", "jinja2", "langchain.chat_models", "langchain_openai",
    "langsmith.run_helpers", "numba", "pygame", "scipy",
)  # fmt: skip


def say(**message):
    os.write(1, json.dumps(message).encode() + b"\n")


class Course:
    """Counts ticks, and ends the process."""

    def __init__(self, journal, order):
        self.count_rows = lambda: len(journal.keys(order["run_id"]))
        self.order = order
        self.rows, self.ticks = NOTHING_YET, 0
        self.num_pieces = 0
        self.is_dying = False
        self.lock = threading.RLock()

    def tick(self, name):
        with self.lock:
            rows = self.count_rows()
            self.ticks = self.ticks + 1 if rows == self.rows else 0
            self.rows = rows
            say(at=[self.rows, self.ticks, name])
            if self.order["rows"] is not None and not self.is_dying and self.is_due():
                self.is_dying = True
                say(dies=[self.rows, self.ticks, name])
                threading.Timer(self.order["delay_s"], os.kill, [os.getpid(), signal.SIGKILL]).start()

    def is_due(self):
        return (self.rows, self.ticks) >= (self.order["rows"], self.order["ticks"])

    def said(self, line):
        pass

    def heard(self, piece):
        self.num_pieces += 1
        if self.num_pieces % PIECES_PER_TICK == 1:
            self.tick("heard a piece")

    def progressed(self, progress):
        self.tick(f"progressed in {progress.stage}")


class OwnProcess:
    """Runs tasks here, one after another."""

    def __init__(self, num_workers):
        self.num_workers = num_workers

    def run(self, tasks, report):
        for index, task in enumerate(tasks):
            jobs = json.loads(task.request).get("jobs", [])
            say(trains=[[job["candidate_id"], job["seed"]] for job in jobs])
            function = getattr(training, task.function.partition(":")[2])
            yield index, Result(text=function(task.request, partial(report, index)))

    def close(self):
        pass


def follow(course):
    """Has the parts of the program tick."""
    once, ask = Journal.once, LangChainModel.ask

    def ticking_once(self, run_id, key, schema, produce):
        course.tick(f"begins {key}")
        made = once(self, run_id, key, schema, produce)
        course.tick(f"has {key}")
        return made

    def ticking_ask(self, *words, **options):
        course.tick("asks")
        answer = ask(self, *words, **options)
        course.tick("is answered")
        return answer

    Journal.once, LangChainModel.ask = ticking_once, ticking_ask


def sit(order):
    os.environ["SKILLWRIGHT_KEY_127_0_0_1"] = order["key"]
    home = Home.open(Path(order["home"]))
    course = Course(Journal(Database.open(home)), order)
    follow(course)
    running.LocalExecutor = OwnProcess
    acquiring.EvolutionParts = partial(EvolutionParts, stretch_timesteps=STRETCH_TIMESTEPS)
    running.carry_out_run(home, order["run_id"], course)


def warm_up():
    """Loads what every sitting would load for itself."""
    for name in LOADED_LATE:
        import_module(name)
    torch.set_num_threads(1)
    assert threading.active_count() == 1, "a fork would lose a thread"


def main():
    warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            status = 1
            with suppress(KeyboardInterrupt):
                sit(json.loads(line))
                status = 0
            os._exit(status)
        say(ended=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)  # unloading all this in good order takes seconds


if __name__ == "__main__":
    main()
