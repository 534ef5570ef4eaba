"""One sitting of a run in a process of its own; says what it trains, and stops where a test wants to cut it off.

Called with the home folder, the run's id and the name of a moment. Writes JSON lines: ``{"trains": [[id, seed], ...]}``
for every shard it hands to a worker, and ``{"reached": MOMENT}``.
"""

import json
import signal
import sys
import time
from pathlib import Path

from skillwright.agents import running
from skillwright.compute import LocalExecutor
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.skills.library import Library


def in_the_first_generation(progress, keys):
    """One shard is in the journal, the other one in training."""
    return progress.generation == 0 and sum("g0/shard" in key for key in keys) == 1


def in_the_finals(progress, keys):
    """One shard is in the journal, the other one in training."""
    return progress.stage == "finals" and sum("finals/shard" in key for key in keys) == 1


def while_judging(progress, keys):
    return progress.stage == "judging"


def before_storing(progress, keys):
    return False  # nothing is heard between the video and the skill: the library stands still instead


MOMENTS = {
    moment.__name__: moment for moment in (in_the_first_generation, in_the_finals, while_judging, before_storing)
}


def say(**message):
    print(json.dumps(message), flush=True)


def reach(moment):
    """Says that the moment has come, and stands still until the process is ended."""
    say(reached=moment)
    time.sleep(600)


class Watcher:
    def __init__(self, journal, run_id, moment):
        self.journal, self.run_id, self.moment = journal, run_id, moment

    def said(self, line):
        pass

    def progressed(self, progress):
        if MOMENTS[self.moment](progress, self.journal.keys(self.run_id)):
            reach(self.moment)


class TellingExecutor(LocalExecutor):
    def run(self, tasks, report):
        for task in tasks:
            jobs = json.loads(task.request).get("jobs", [])
            say(trains=[[job["candidate_id"], job["seed"]] for job in jobs])
        return super().run(tasks, report)


class StandingLibrary(Library):
    def store(self, draft):
        reach("before_storing")
        return super().store(draft)


def main(place, run_id, moment):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Home.open(Path(place))
    running.LocalExecutor = TellingExecutor
    if moment == "before_storing":
        running.Library = StandingLibrary
    running.carry_out_run(home, run_id, Watcher(Journal(Database.open(home)), run_id, moment))


if __name__ == "__main__":
    main(*sys.argv[1:])
