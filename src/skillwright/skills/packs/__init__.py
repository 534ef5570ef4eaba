"""Skills as files that can be given away: one open format, and an import that trusts nothing in it."""

from skillwright.skills.packs.manifest import Manifest, PackRefused

__all__ = ["Manifest", "PackRefused"]
