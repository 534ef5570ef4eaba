"""What every other package stands on: errors, the home folder, content, seeds.

The parts that need a database (``core.database``, ``core.journal``) or numpy (``core.statistics``) are
imported from their own modules, so that this package stays cheap to import.
"""

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.content import ContentKind, content_roots, find_content, lay_out_project, list_content
from skillwright.core.errors import (
    BudgetExceeded,
    CardError,
    ConfigError,
    CorruptArtifact,
    EnvError,
    MissingExtra,
    ModelRetry,
    ModelUnavailable,
    NewerSchema,
    NotFound,
    ProgramFailed,
    ProgramRejected,
    SandboxTooWeak,
    SkillwrightError,
    StorageError,
    UserError,
    WorkerDied,
    WorldError,
    storage_errors,
)
from skillwright.core.home import Home
from skillwright.core.registry import Registry
from skillwright.core.seeding import derive_seed, generator

__all__ = [
    "ArtifactStore",
    "BudgetExceeded",
    "CardError",
    "ConfigError",
    "ContentKind",
    "CorruptArtifact",
    "EnvError",
    "Home",
    "MissingExtra",
    "ModelRetry",
    "ModelUnavailable",
    "NewerSchema",
    "NotFound",
    "ProgramFailed",
    "ProgramRejected",
    "Registry",
    "SandboxTooWeak",
    "SkillwrightError",
    "StorageError",
    "UserError",
    "WorkerDied",
    "WorldError",
    "content_roots",
    "derive_seed",
    "find_content",
    "generator",
    "lay_out_project",
    "list_content",
    "storage_errors",
]
