"""What a language model replies when it is asked for a reward."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillwright.core.errors import ProgramRejected
from skillwright.llm.reply_forms import PythonCode
from skillwright.sandbox import check_program

__all__ = ["WrittenReward"]


class WrittenReward(BaseModel):
    """A reward program and the idea behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rationale: str = Field(min_length=1, max_length=10_000)
    """What was wrong before, if anything, and why this reward should produce the behaviour; a few sentences."""
    source: PythonCode = Field(min_length=1, max_length=20_000)
    """Python source of ``reward(s, a, n)``, the whole of it."""

    @field_validator("source")
    @classmethod
    def _is_in_the_language(cls, source: str) -> str:
        try:
            check_program(source, "reward")
        except ProgramRejected as error:
            raise ValueError(str(error)) from None
        return source
