"""A world, a learner and a proposer for Skillwright; the folders beside this file hold its card and its reward."""
