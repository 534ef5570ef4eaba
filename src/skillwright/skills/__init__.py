"""What a skill is; ``skillwright.skills.library``, which needs a database, keeps them."""

from skillwright.skills.skill import Evidence, Lineage, Skill, SkillStatus

__all__ = ["Evidence", "Lineage", "Skill", "SkillStatus"]
