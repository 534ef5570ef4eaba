from dataclasses import dataclass

import pytest

from skillwright.core.config import build_config
from skillwright.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    num_envs: int = 4
    learning_rate: float = 0.5
    anneal: bool = True
    name: str = "plain"
    sizes: tuple[int, ...] = (64, 64)
    shares: tuple[float, ...] = ()
    limit: int | None = None

    def __post_init__(self):
        if self.num_envs < 1:
            raise ValueError("num_envs must be at least 1")


def build(**settings) -> Settings:
    return build_config(Settings, settings, where="card.yaml")


def test_without_settings_it_is_the_defaults():
    assert build() == Settings()


def test_settings_win_over_defaults():
    assert build(num_envs=2, name="x", anneal=False) == Settings(num_envs=2, name="x", anneal=False)


def test_an_int_is_widened_to_a_float():
    value = build(learning_rate=1).learning_rate
    assert value == 1.0 and isinstance(value, float)


def test_a_list_becomes_a_tuple_of_the_right_type():
    assert build(sizes=[8, 8]).sizes == (8, 8)
    assert [type(value) for value in build(shares=[1, 0.5]).shares] == [float, float]


@pytest.mark.parametrize("value", [None, 7])
def test_an_optional_setting_may_be_none(value):
    assert build(limit=value).limit == value


def test_an_unknown_key_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"card\.yaml: unknown setting 'num_env'; did you mean 'num_envs'\?"):
        build(num_env=2)


def test_a_key_like_no_other_is_refused_without_a_suggestion():
    with pytest.raises(ConfigError, match=r"unknown setting 'zzzzzz'$"):
        build(zzzzzz=2)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_envs", 2.0),
        ("num_envs", "2"),
        ("num_envs", True),
        ("num_envs", None),
        ("learning_rate", "fast"),
        ("learning_rate", True),
        ("anneal", 1),
        ("name", 3),
        ("sizes", 64),
        ("sizes", [8, "8"]),
        ("sizes", "88"),
        ("limit", "many"),
        ("limit", 1.5),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_key(key, value):
    with pytest.raises(ConfigError, match=rf"card\.yaml: {key}: expected .*, got "):
        build(**{key: value})


def test_a_value_the_config_refuses_is_named_with_its_origin():
    with pytest.raises(ConfigError, match=r"card\.yaml: num_envs must be at least 1"):
        build(num_envs=0)
