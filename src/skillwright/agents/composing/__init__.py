"""Composite tasks: each part of a plan becomes a skill, a program runs them one after another, and all is judged."""
