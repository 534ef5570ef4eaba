"""Prompt templates: loaded from the content folders, rendered strictly, hashed."""

from skillwright.prompts.rendering import RenderedPrompt, render_prompt

__all__ = ["RenderedPrompt", "render_prompt"]
