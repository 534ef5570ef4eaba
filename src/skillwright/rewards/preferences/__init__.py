"""Rewards learned from choices between two clips; fitting one needs torch and is imported by name."""

from skillwright.rewards.preferences.choosers import Chooser, OracleChooser
from skillwright.rewards.preferences.model import PreferenceModel
from skillwright.rewards.preferences.records import Choice, Clip, FittedPreferences, Pair, PairAccuracy, Preferred
from skillwright.rewards.preferences.sources import BlendedReward, PreferenceReward, load_preference_reward

__all__ = [
    "BlendedReward",
    "Choice",
    "Chooser",
    "Clip",
    "FittedPreferences",
    "OracleChooser",
    "Pair",
    "PairAccuracy",
    "PreferenceModel",
    "PreferenceReward",
    "Preferred",
    "load_preference_reward",
]
