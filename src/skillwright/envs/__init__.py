"""Worlds: their cards, and many copies of one stepped together."""

from skillwright.envs.card import EnvCard, FieldSpec, TaskSpec
from skillwright.envs.catalog import find_card, list_cards, read_reference
from skillwright.envs.making import Backend, make_vector_env
from skillwright.envs.transitions import ActionView, StateView, TransitionBlock, views
from skillwright.envs.vector import Actions, Observations, StepBatch, VectorEnv

__all__ = [
    "ActionView",
    "Actions",
    "Backend",
    "EnvCard",
    "FieldSpec",
    "Observations",
    "StateView",
    "StepBatch",
    "TaskSpec",
    "TransitionBlock",
    "VectorEnv",
    "find_card",
    "list_cards",
    "make_vector_env",
    "read_reference",
    "views",
]
