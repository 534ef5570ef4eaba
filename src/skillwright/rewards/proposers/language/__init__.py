"""The proposer that asks language models for reward programs."""

from skillwright.rewards.proposers.language.language import LLMProposer

__all__ = ["LLMProposer"]
