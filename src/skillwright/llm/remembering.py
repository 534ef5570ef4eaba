"""What checks of models found, kept in the home folder with their date."""

import os
import tempfile
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import storage_errors
from skillwright.core.home import Home
from skillwright.llm.langchain_request import Abilities
from skillwright.llm.spec import ModelSpec

__all__ = ["KnownModel", "known_models", "remember", "remembered_abilities"]

_FILE: Final = "models.json"


class KnownModel(BaseModel):
    """What was found out about a model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checked_at: str
    """UTC, ISO 8601."""
    abilities: Abilities
    """What it can do."""
    tokens_per_second: float | None = None
    """Of one reply; none: it was not measured."""

    @property
    def context_length(self) -> int | None:
        """Tokens it can read and write together; none: the server does not tell."""
        return self.abilities.context_length


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    models: dict[str, KnownModel]


def known_models(home: Home) -> dict[str, KnownModel]:
    """Reads what is known of models, by their names; what cannot be read counts as not known.

    Args:
        home: the home folder.
    """
    try:
        return _File.model_validate_json((home.path / _FILE).read_bytes()).models
    except (OSError, ValidationError):
        return {}


def remembered_abilities(home: Home, spec: ModelSpec) -> Abilities:
    """Tells what a model can do, as far as it was ever checked.

    Args:
        home: the home folder.
        spec: the model.
    """
    known = known_models(home).get(str(spec))
    return known.abilities if known else Abilities()


def remember(home: Home, spec: ModelSpec, found: KnownModel) -> None:
    """Keeps what was found out about a model; what was known of it before is forgotten.

    Args:
        home: the home folder.
        spec: the model.
        found: what was found out.

    Raises:
        StorageError: the file cannot be written.
    """
    path = home.path / _FILE
    models = {**known_models(home), str(spec): found}
    text = _File(models=dict(sorted(models.items()))).model_dump_json(indent=2)
    with storage_errors(path), tempfile.NamedTemporaryFile("w", dir=home.path, delete=False, encoding="utf-8") as file:
        file.write(text)
        file.close()
        os.replace(file.name, Path(path))
