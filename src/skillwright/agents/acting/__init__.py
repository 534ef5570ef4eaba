"""Skills at work in one world, one after another: policies as options, and programs that call other skills."""

from skillwright.agents.acting.deeds import Deed
from skillwright.agents.acting.episode import Episode, WorldOver
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe

__all__ = ["Deed", "Episode", "Performer", "SkillGaveUp", "Troupe", "WorldOver"]
