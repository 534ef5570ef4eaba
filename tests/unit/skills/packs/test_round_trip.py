"""A skill comes out of a pack as it went in, but as a draft."""

import json
import zipfile
from io import BytesIO

import pytest

from skillwright.skills.packs import PackRefused
from skillwright.skills.packs.hub import hub_files
from skillwright.skills.packs.reading import check_new_name, read_pack
from skillwright.skills.packs.storing import store_pack
from skillwright.skills.packs.writing import write_pack

from .conftest import REWARD, contents_of, evidence


def test_the_same_skills_give_the_same_bytes(origin, pack):
    assert write_pack(origin.library, origin.artifacts, ["balance-the-pole@1"]) == pack


def test_a_pack_is_an_ordinary_zip_file_with_a_manifest(pack):
    contents = contents_of(pack)
    assert zipfile.ZipFile(BytesIO(pack)).testzip() is None
    assert set(json.loads(contents["manifest.json"])["files"]) == set(contents) - {"manifest.json"}


def test_an_imported_skill_is_a_draft_with_the_files_and_claims_of_its_origin(pack, here):
    [skill] = store_pack(read_pack(pack), here.home)
    assert (skill.status, skill.reward_source, skill.evidence) == ("draft", REWARD, evidence())
    assert here.library.get("balance-the-pole") == skill
    assert all(here.artifacts.get(sha) for sha in (skill.card, skill.policy, skill.video))


def test_the_manifest_of_the_origin_is_kept(pack, here):
    [skill] = store_pack(read_pack(pack), here.home)
    claimed = json.loads(here.artifacts.get(skill.lineage.run_id.removeprefix("import-")))
    assert claimed["skills"][0]["status"] == "verified"
    assert claimed["skills"][0]["lineage"]["run_id"] == "20260101-000000-aaaa"


def test_importing_twice_stores_once(pack, here):
    first = store_pack(read_pack(pack), here.home)
    assert store_pack(read_pack(pack), here.home) == first


def test_a_skill_gets_the_name_that_was_asked_for(pack, here):
    [skill] = store_pack(read_pack(pack), here.home, name="pole")
    assert skill.name == "pole"


@pytest.mark.parametrize("name", ["", "Pole", "a--b", "../pole", "a b", "x" * 101, "é"])
def test_a_name_that_is_none_is_refused(pack, name):
    with pytest.raises(PackRefused, match="is no name"):
        check_new_name(read_pack(pack).manifest, name)


def test_dependencies_go_along_and_are_named_as_they_are_stored_here(origin, here):
    origin.skill(name="hover")
    origin.skill(name="land", dependencies=("hover@1",))
    here.skill(name="hover", sign=-1.0)
    pack = write_pack(origin.library, origin.artifacts, ["land"])
    stored = store_pack(read_pack(pack), here.home)
    assert [(one.reference, one.dependencies) for one in stored] == [("hover@2", ()), ("land@1", ("hover@2",))]


def test_a_folder_for_the_hub_has_a_model_card_and_a_pack_that_can_be_imported(origin, here):
    files = hub_files(origin.library, origin.artifacts, origin.skill())
    assert files["README.md"].startswith(b"---\nlibrary_name: skillwright\n")
    assert {"card.json", "policy.safetensors", "reward.py", "replay.mp4"} < set(files)
    assert store_pack(read_pack(files["balance-the-pole.swskill"]), here.home)
