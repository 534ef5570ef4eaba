import errno
from pathlib import Path

import pytest

from skillwright.core import errors
from skillwright.core.errors import (
    CardError,
    ConfigError,
    MissingExtra,
    NotFound,
    SkillwrightError,
    StorageError,
    storage_errors,
)

PLACE = Path("/some/where")


def refused(error: BaseException) -> BaseException:
    with (
        pytest.raises(type(error) if not isinstance(error, OSError) else StorageError) as caught,
        storage_errors(PLACE),
    ):
        raise error
    return caught.value


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_called_so(number):
    text = str(refused(OSError(number, "no")))
    assert text == "the disk is full while writing /some/where; free some space, then resume"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EIO])
def test_any_other_refusal_is_passed_on_with_the_systems_reason_and_a_remedy(number):
    text = str(refused(OSError(number, "the reason")))
    advice = "choose another place, for the home folder with --home or SKILLWRIGHT_HOME"
    assert text == f"cannot write /some/where: the reason; {advice}"


def test_a_refusal_without_a_reason_keeps_its_words():
    assert "cannot write /some/where: in words" in str(refused(OSError("in words")))


def test_the_systems_error_stays_the_cause():
    cause = PermissionError(errno.EACCES, "no")
    assert refused(cause).__cause__ is cause


def test_a_refusal_that_was_already_put_into_words_is_left_alone():
    error = StorageError("clear words")
    assert refused(error) is error


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()])
def test_what_the_storage_is_not_to_blame_for_is_left_alone(error):
    assert refused(error) is error


def test_a_real_refusal_of_the_system_is_caught(tmp_path):
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "below"
    with pytest.raises(StorageError, match="Not a directory"), storage_errors(place):
        place.write_text("x")


def test_every_error_belongs_to_the_tree():
    declared = [getattr(errors, name) for name in errors.__all__ if name != "storage_errors"]
    assert [kind for kind in declared if not issubclass(kind, SkillwrightError)] == []


def test_the_drawing_of_the_tree_is_the_tree():
    drawn, path = {}, []
    for line in errors.__doc__.splitlines():
        found = next((word for word in line.split() if hasattr(errors, word)), None)
        if found and line.strip()[0] in "S│├└":
            depth = line.index(found) // 4
            path[depth - 1 :] = [found]
            drawn[found] = path[depth - 2] if depth > 1 else "Exception"
    assert drawn == {
        name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__ if name != "storage_errors"
    }


def test_a_card_error_begins_with_file_and_line():
    assert str(CardError(Path("a.yaml"), 7, "no id")) == "a.yaml:7: no id"
    assert str(CardError(Path("a.yaml"), None, "no id")) == "a.yaml: no id"
    assert isinstance(CardError(Path("a.yaml"), 7, ""), ConfigError)


def test_a_name_that_is_not_found_comes_with_close_ones():
    assert str(NotFound("skill", "lnd", ["land", "hover"])) == "no skill is called 'lnd'; did you mean 'land'?"


def test_a_name_like_no_other_comes_without_a_suggestion():
    assert str(NotFound("skill", "zzz", ["land"])) == "no skill is called 'zzz'"


def test_a_hint_stands_at_the_end():
    assert str(NotFound("skill", "zzz", hint="look twice")) == "no skill is called 'zzz' (look twice)"


def test_a_missing_extra_names_the_line_that_installs_it():
    assert str(MissingExtra("torch", "learn")) == "torch is not installed; run: pip install 'skillwright[learn]'"
