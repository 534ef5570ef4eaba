"""Programs travel with all they run, and run that and nothing else where they arrive."""

import pytest

from skillwright.agents.acting import Troupe
from skillwright.agents.acting.showing import score_episodes_of
from skillwright.skills.packs import PackRefused
from skillwright.skills.packs.hub import hub_files
from skillwright.skills.packs.reading import check_new_name, read_pack
from skillwright.skills.packs.storing import store_pack
from skillwright.skills.packs.writing import write_pack

from .conftest import STEADY, contents_of


def packed(shop, *references):
    return read_pack(write_pack(shop.library, shop.artifacts, references))


def rate(shop, skill):
    """Plays a skill, and gives the share of its episodes that succeeded."""
    troupe = Troupe(library=shop.library, artifacts=shop.artifacts)
    return sum(score.success for score in score_episodes_of(skill, shop.card, troupe, range(3))) / 3


def calls(*names):
    return "def skill(s, run):\n" + "".join(f'    run("{name}")\n' for name in names)


def test_a_program_goes_with_what_it_runs_and_arrives_as_a_draft(program_pack, here):
    policy, program = store_pack(read_pack(program_pack), here.home)
    assert (policy.reference, policy.status) == ("balance-the-pole@1", "draft")
    assert (program.reference, program.status, program.kind) == ("stay-up@1", "draft", "program")
    assert program.dependencies == ("balance-the-pole@1",)
    assert here.source(program) == STEADY


def test_a_pack_holds_the_text_of_a_program_and_no_reward_of_it(program_pack):
    names = {name for name in contents_of(program_pack) if name.startswith("stay-up")}
    assert names == {"stay-up@1/card.json", "stay-up@1/program.py"}


def test_programs_of_programs_go_along_each_once_and_after_what_they_run(origin, here):
    origin.skill()
    origin.program()
    origin.program(calls("stay-up", "balance-the-pole"), ("stay-up@1", "balance-the-pole@1"), name="twice")
    stored = store_pack(packed(origin, "twice", "stay-up"), here.home)
    assert [one.name for one in stored] == ["balance-the-pole", "stay-up", "twice"]


def test_an_imported_program_runs_what_came_with_it_and_not_what_has_that_name_here(origin, here):
    here.skill(sign=-1.0)
    origin.skill()
    origin.program()
    *_, program = store_pack(packed(origin, "stay-up"), here.home)
    assert program.dependencies == ("balance-the-pole@2",)
    assert here.library.get("balance-the-pole").version == 1
    assert rate(here, program) == 1.0


def test_an_imported_program_runs_what_came_with_it_where_that_name_was_given_up_here(origin, here):
    here.skill(sign=-1.0)
    here.library.rename("balance-the-pole", "topple")
    origin.skill()
    origin.program()
    policy, program = store_pack(packed(origin, "stay-up"), here.home)
    assert (policy.reference, program.dependencies) == ("topple@2", ("topple@2",))
    assert here.source(program) == calls("topple").replace(":\n", ':\n    """Balances."""\n', 1)
    assert rate(here, program) == 1.0


def test_a_program_runs_the_version_it_was_made_with_even_if_its_name_means_another_now(origin, here):
    origin.skill()
    origin.program()
    origin.skill(sign=-1.0, status="verified", lineage=origin.library.get("stay-up").lineage)
    assert origin.library.get("balance-the-pole").version == 2
    *_, program = store_pack(packed(origin, "stay-up"), here.home)
    assert rate(here, program) == 1.0


def test_a_program_finds_what_was_renamed_before_it_was_exported(origin, here):
    origin.skill()
    origin.program()
    origin.library.rename("balance-the-pole", "balance")
    here.skill(sign=-1.0)
    policy, program = store_pack(packed(origin, "stay-up"), here.home)
    assert (policy.reference, program.dependencies) == ("balance@1", ("balance@1",))
    assert 'run("balance")' in here.source(program)
    assert rate(here, program) == 1.0


def test_versions_that_stand_in_the_text_become_those_of_here(origin, here):
    origin.skill(sign=-1.0, status="failed")
    origin.skill()
    here.skill(sign=-1.0)
    origin.program(calls("balance-the-pole@2", "balance-the-pole@1"), ("balance-the-pole@2", "balance-the-pole@1"))
    stored = store_pack(packed(origin, "stay-up"), here.home)
    assert [one.reference for one in stored] == ["balance-the-pole@2", "balance-the-pole@3", "stay-up@1"]
    assert here.source(stored[-1]) == calls("balance-the-pole@2", "balance-the-pole@3")
    assert rate(here, stored[-1]) == 1.0


def test_parts_are_named_as_they_are_stored_here(origin, here):
    here.skill(sign=-1.0)
    origin.skill()
    origin.program(parts=("balance-the-pole@1",))
    *_, program = store_pack(packed(origin, "stay-up"), here.home)
    assert program.parts == ("balance-the-pole@2",)
    assert rate(here, program) == 1.0


def test_two_programs_of_the_same_text_that_run_different_versions_stay_two(origin, here):
    origin.skill()
    origin.skill(sign=-1.0, status="failed")
    for version, status in ((1, "verified"), (2, "failed")):
        origin.program(needed=(f"balance-the-pole@{version}",), status=status)
    stored = store_pack(packed(origin, "stay-up@1", "stay-up@2"), here.home)
    assert [one.reference for one in stored if one.kind == "program"] == ["stay-up@1", "stay-up@2"]
    assert [rate(here, one) for one in stored if one.kind == "program"] == [1.0, 0.0]


def test_importing_a_program_twice_stores_it_once(program_pack, here):
    here.skill(sign=-1.0)
    first = store_pack(read_pack(program_pack), here.home)
    assert store_pack(read_pack(program_pack), here.home) == first


def test_a_program_gets_the_name_that_was_asked_for_and_what_it_runs_keeps_its_own(program_pack, here):
    stored = store_pack(read_pack(program_pack), here.home, name="upright")
    assert [one.name for one in stored] == ["balance-the-pole", "upright"]


def test_a_program_cannot_have_the_name_of_what_it_runs(program_pack):
    with pytest.raises(PackRefused, match="stay-up@1 depends on"):
        check_new_name(read_pack(program_pack).manifest, "balance-the-pole")


def test_an_imported_program_can_be_exported_again(program_pack, here, tmp_path):
    store_pack(read_pack(program_pack), here.home)
    assert packed(here, "stay-up").manifest.roots == ("stay-up@1",)


def test_a_program_that_import_would_refuse_is_not_exported(origin):
    origin.skill()
    origin.program("import os\n" + STEADY)
    with pytest.raises(PackRefused, match="outside the allowed language"):
        packed(origin, "stay-up")


def test_programs_that_run_each_other_are_not_exported(origin):
    origin.skill()
    origin.program()
    origin.program(calls("stay-up"), ("stay-up@1",), name="other")
    with origin.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE skills SET manifest = replace(manifest, 'balance-the-pole@1', 'other@1') WHERE name = 'stay-up'"
        )
    changed = origin.artifacts.put(calls("other").encode())
    with origin.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE skills SET manifest = json_set(manifest, '$.policy', ?) WHERE name = 'stay-up'", (changed,)
        )
    with pytest.raises(PackRefused, match=r"depends on itself: stay-up@1 -> other@1 -> stay-up@1"):
        packed(origin, "stay-up")


def test_a_program_with_too_many_skills_is_not_exported(origin):
    names = [f"skill-{index}" for index in range(64)]
    for name in names:
        origin.skill(name=name)
    origin.program(calls(*names), tuple(f"{name}@1" for name in names))
    with pytest.raises(PackRefused, match="at most 64 skills"):
        packed(origin, "stay-up")


def test_a_folder_for_the_hub_has_the_text_of_a_program_and_a_pack_with_what_it_runs(origin, here):
    origin.skill()
    files = hub_files(origin.library, origin.artifacts, origin.program())
    assert files["program.py"] == STEADY.encode() and "policy.safetensors" not in files
    assert b"a program that runs other skills" in files["README.md"] and b"Program written by" in files["README.md"]
    assert len(store_pack(read_pack(files["stay-up.swskill"]), here.home)) == 2
