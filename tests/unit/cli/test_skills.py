import json

import pytest

from skillwright.core.errors import CorruptArtifact, NotFound


def rows(text):
    return [line.split()[:2] for line in text.splitlines() if line.startswith("balance-the-pole@")]


def test_without_skills_the_listing_says_how_to_make_one(command):
    assert "skillwright run" in command("skills", "list").text


def test_the_listing_shows_what_a_name_means(command, stored):
    assert rows(command("skills", "list").text) == [["balance-the-pole@2", "verified"]]


def test_the_whole_listing_shows_every_version(command, stored):
    assert rows(command("skills", "list", "--all").text) == [
        ["balance-the-pole@3", "failed"],
        ["balance-the-pole@2", "verified"],
        ["balance-the-pole@1", "verified"],
    ]


def test_the_json_listing_is_a_list_of_manifests(command, stored):
    assert json.loads(command("skills", "list", "--json").text) == [stored[1].model_dump(mode="json")]


def test_the_json_of_a_skill_is_its_manifest(command, stored):
    shown = json.loads(command("skills", "show", "balance-the-pole@1", "--json").text)
    assert shown == stored[0].model_dump(mode="json")


def test_a_measure_that_is_not_finite_is_null_in_json(command, opened, artifacts, draft):
    from skillwright.core.database import Database
    from skillwright.skills.library import Library

    evidence = draft().evidence.model_copy(update={"fitness": float("-inf")})
    Library(Database.open(opened), artifacts).store(draft(evidence=evidence))
    shown = json.loads(command("skills", "show", "balance-the-pole", "--json").text)
    assert shown["evidence"]["fitness"] is None


@pytest.mark.parametrize(
    "fact",
    [
        "balance-the-pole@2  verified",
        "Balances [the] pole.",
        "97 %  (95 % interval 91.5 to 99 %), required 95 %",
        "0.9  (95 % interval 0.88 to 0.92)",
        "100 held-out episodes, seeds 2000000000 to 2000000099",
        "balance [the] pole",
        "g1-c00",
        "return {'upright': -abs(n.angle)}",
        "upright 2.5",
    ],
)
def test_a_skill_is_shown_with(fact, command, stored):
    assert fact in command("skills", "show", "balance-the-pole").text


def test_a_shown_skill_lists_its_other_versions(command, stored):
    lines = command("skills", "show", "balance-the-pole").text.partition("Versions")[2].splitlines()
    listed = [line.split()[:2] for line in lines if line.strip()[:1].isdigit()]
    assert listed == [["3", "failed"], ["2", "verified"], ["1", "verified"]]


def test_a_truncated_file_is_named_after_the_skill_is_shown(command, artifacts, stored):
    policy = artifacts.path(stored[1].policy)
    policy.write_bytes(policy.read_bytes()[:3])
    output = command("skills", "show", "balance-the-pole")
    assert isinstance(output.error, CorruptArtifact)
    assert str(policy) in str(output.error)
    assert "balance-the-pole@2" in output.text


@pytest.mark.parametrize("verb", ["show", "play"])
def test_an_unknown_skill_is_not_found(verb, command, stored):
    output = command("skills", verb, "balance-the-pool")
    assert isinstance(output.error, NotFound)
    assert "did you mean 'balance-the-pole'" in str(output.error)
