"""One sitting of a run whose shards are cut into short stretches; it stands still between two checkpoints.

Called with the home folder and the run's id. Writes the JSON line ``{"reached": "between_two_checkpoints"}``.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path

from skillwright.agents import acquiring, running
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.evolution import EvolutionParts

MOMENT = "between_two_checkpoints"
NUM_CHECKPOINTS = 3
SHORT_STRETCHES = partial(EvolutionParts, stretch_timesteps=4096)


def checkpoint_keys(journal, run_id, stage, shard):
    return sorted(key for key in journal.keys(run_id) if key.startswith(f"{stage}/checkpoints/{shard}/"))


class Watcher:
    """Lets a run go on until a shard has some checkpoints and has said something since."""

    def __init__(self, journal, run_id):
        self.journal, self.run_id = journal, run_id
        self.is_near = False

    def said(self, line):
        pass

    def progressed(self, progress):
        if self.is_near:
            print(json.dumps({"reached": MOMENT}), flush=True)
            time.sleep(600)
        self.is_near = len(checkpoint_keys(self.journal, self.run_id, "g0", 0)) == NUM_CHECKPOINTS


def main(place, run_id):
    home = Home.open(Path(place))
    acquiring.EvolutionParts = SHORT_STRETCHES
    running.carry_out_run(home, run_id, Watcher(Journal(Database.open(home)), run_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
