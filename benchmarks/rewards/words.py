"""The prose of the page."""

from typing import Final

from benchmarks.rewards.scale import Name
from benchmarks.rewards.scores import MAX_SCORE

__all__ = [
    "CONDITIONS_HEAD",
    "COSTS",
    "HEAD",
    "METHOD",
    "NORMALISED",
    "NOTHING",
    "RAW",
    "SPARSE_NOTE",
    "SUCCESS",
    "TITLES",
]

HEAD: Final = """\
<!-- Written by `make bench-rewards` from benchmarks/results; edit benchmarks/rewards/, not this page. -->

# Benchmark of reward design

How good are the policies that rewards from different sources lead to, if all of them get the same env steps?
`make bench-rewards ARGS=--quick` measures four tasks in less than 15 minutes on 2 cores; `make bench-rewards` measures
all, which takes a day or two there; `ARGS="--quick --ablations"` adds what each part of the loop is worth. What has
been measured is not measured again, and what was broken off goes on.
"""
CONDITIONS_HEAD: Final = "## What is compared\n"
METHOD: Final = """\
Each search is one run of the product, begun and carried out as `skillwright evolve` does: proposals are screened, the
rest is trained as one population with racing, the two best are trained again on three fresh seeds, and the reward
with the higher lower bound wins. The env steps of a whole search are the same for all of them, those that its run
spends on the reference beside its finalists included. Then, apart from any search, the reward of every condition is
trained on the same fresh seeds, with the card's learner and budget, and the policy at the end of the training, not
the best on the way, plays held-out episodes deterministically. The task's own fitness program judges them; no reward
ever sees it, except the sparse one, which is this fitness. Searches share their seed: the programs of `random-K` are
the first of `1-shot K·N`, and the first generation of `search`, so two of them can find the same reward. There is one
search per task and condition, so the intervals tell how much training varies, not how much another search would have
found.
"""
SPARSE_NOTE: Final = """\
The sparse reward needs no knowledge of the world, and that is its point: whatever the card judges, it pays once, when
an episode is over. It is no straw man for tasks with a goal, but where an episode goes on until the first failure,
each failure is what gets paid, and discounting and a critic that does not know the time can teach to fail soon. A
score of 0 can therefore lie below that of random actions, and a wide gap below the reference draws all scores toward
1.
"""
NOTHING: Final = "## Results\n\nNot measured yet.\n"
COSTS: Final = """\
Means of a search; its wall time is that of all its sittings. Tokens and money are those of the recording, if a model
was asked: replaying costs nothing.
"""
TITLES: Final[dict[Name, str]] = {"full": "Results", "quick": "Results of `--quick`"}
RAW: Final = """\
Mean of the seeds with a 95 % bootstrap interval over seeds and their episodes; with few seeds it is too narrow. Higher
is better; the card says what the number means.
"""
NORMALISED: Final = f"""\
(condition − sparse) / |reference − sparse|, clipped to [0, {MAX_SCORE:g}] task by task: 0 is the sparse reward, 1 the
reference. Tasks in which reference and sparse differ by less than 5 % of the larger, or in which the 95 % interval of
their difference holds zero, are left out here, and only here: a ratio of noise says nothing. As good: tasks in which
the mean is at least the reference's. Better and worse: tasks in which the 95 % interval of the difference leaves out
zero. Many cards bound the fitness by 1: where the reference is near that, no reward can score much above 1, and a
mean of 1.3 lies beyond what the tasks allow.
"""
SUCCESS: Final = "Share of the held-out episodes that succeeded, over all seeds; behind it what the card asks for."
