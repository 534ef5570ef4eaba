"""Experience of earlier candidates: kept as Minari datasets, and scored again with the reward of a new one."""

from skillwright.rewards.experience.finding import settle_experience
from skillwright.rewards.experience.gathering import gather
from skillwright.rewards.experience.keeping import Keeper
from skillwright.rewards.experience.lessons import Assessment, Lessons
from skillwright.rewards.experience.log import ExperienceLog
from skillwright.rewards.experience.minari_files import require_minari
from skillwright.rewards.experience.records import EpisodeRecord, KeepRequest, LoggedEpisode, card_hash
from skillwright.rewards.experience.shelf import ExperienceShelf
from skillwright.rewards.experience.starting import begin_with, relabel

__all__ = [
    "Assessment",
    "EpisodeRecord",
    "ExperienceLog",
    "ExperienceShelf",
    "KeepRequest",
    "Keeper",
    "Lessons",
    "LoggedEpisode",
    "begin_with",
    "card_hash",
    "gather",
    "relabel",
    "require_minari",
    "settle_experience",
]
