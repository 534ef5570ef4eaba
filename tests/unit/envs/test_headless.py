"""Drawing needs no display, and a person's own settings win."""

import os

from skillwright.envs.headless import headless


def test_settings_are_made_and_taken_back(monkeypatch):
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    with headless():
        assert os.environ["MUJOCO_GL"] == "egl"
    assert "MUJOCO_GL" not in os.environ


def test_a_persons_own_setting_wins_and_stays(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    with headless():
        assert os.environ["MUJOCO_GL"] == "osmesa"
    assert os.environ["MUJOCO_GL"] == "osmesa"
