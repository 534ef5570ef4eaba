"""Names the extra that has what a world needs beside Gymnasium."""

from skillwright.core.errors import MissingExtra

__all__ = ["missing_extra"]


def missing_extra(gymnasium_id: str, error: Exception) -> MissingExtra:
    """Says which extra has what a world needs.

    Args:
        gymnasium_id: the world.
        error: what Gymnasium or an import said.
    """
    extra = "mujoco" if "mujoco" in str(error).lower() else "learn"
    return MissingExtra(f"what {gymnasium_id} needs", extra)
