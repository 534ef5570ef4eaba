"""A CartPole with two things to do, each of which nearly any policy does, so that runs are short."""

from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import ArtifactStore, Home
from skillwright.core.content import find_content
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.progress import Silent
from skillwright.skills.library import Library

WORLD = "test/Pole-v1"
TASKS = """tasks:
  steady:
    text: Stay steady for a moment.
    success: |
      def success(s, a, n):
          return bool(len(n.x) >= 5 and n.terminated[-1] == 0)
    fitness: |
      def fitness(s, a, n):
          return min(len(n.x), 50) / 50
    required_success_rate: 0.5
  wander:
    text: Wander on with the pole up.
    success: |
      def success(s, a, n):
          return bool(len(n.x) >= 5 and n.terminated[-1] == 0)
    fitness: |
      def fitness(s, a, n):
          return min(len(n.x), 50) / 50
    required_success_rate: 0.5
  impossible:
    text: Fly above the rail.
    success: |
      def success(s, a, n):
          return False
    fitness: |
      def fitness(s, a, n):
          return 0.0
    required_success_rate: 0.5

"""
SMALL = {
    "id: classic_control/CartPole-v1": f"id: {WORLD}",
    "num_envs: 8": "num_envs: 4",
    "num_steps: 64": "num_steps: 32",
    "num_epochs: 10": "num_epochs: 2",
    "horizon: 500": "horizon: 40",
}


def make_project(folder):
    """Writes the card into a folder; ``SKILLWRIGHT_PROJECT`` is to name it."""
    card = find_content("envs", "classic_control/CartPole-v1.yaml").read_text(encoding="utf-8")
    for old, new in SMALL.items():
        assert old in card
        card = card.replace(old, new)
    begin, end = card.index("tasks:\n"), card.index("learner:\n")
    place = folder / "envs" / f"{WORLD}.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(card[:begin] + TASKS + card[end:], encoding="utf-8")
    return folder


def small_request(text, **changes):
    values = {
        "text": text, "env": WORLD, "num_candidates": 2, "num_generations": 1, "num_workers": 1,
        "total_timesteps": 2 * 128 * 11, "num_held_out": 10,
    }  # fmt: skip
    return RunRequest(**{**values, **changes})


class Place:
    """A home, and how to run something in it."""

    def __init__(self, path):
        self.home = Home.open(path)
        self.database = Database.open(self.home)
        self.journal = Journal(self.database)
        self.library = Library(self.database, ArtifactStore(self.home.artifacts))

    def begin(self, text, **changes):
        return begin_run(self.home, small_request(text, **changes))

    def carry_out(self, run_id, observer=None):
        return carry_out_run(self.home, run_id, observer or Silent())

    def run(self, text, **changes):
        return self.carry_out(self.begin(text, **changes))
