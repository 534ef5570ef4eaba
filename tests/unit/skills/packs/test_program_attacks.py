"""Packs with programs that nobody honest makes are refused with a reason, and nothing is written."""

import pytest

from skillwright.skills.packs.reading import read_pack

from .conftest import FOLDER, STEADY, check_refused, contents_of, pole_policy, reforged, zipped

PROGRAM = "stay-up@1/program.py"


def text(source):
    """Replaces the text of the program, with its hash made right again."""
    return lambda pack: reforged(pack, {PROGRAM: source.encode()})


def body(*lines):
    return text("def skill(s, run):\n" + "".join(f"    {line}\n" for line in lines))


def manifest_edit(change):
    """Changes the manifest; ``change`` gets the policy's, the program's and the whole record."""
    return lambda pack: reforged(pack, edit=lambda manifest: change(*manifest["skills"], manifest))


def program_edit(**fields):
    return manifest_edit(lambda policy, program, manifest: program.update(fields))


def other_text_same_hash(pack):
    contents = contents_of(pack)
    contents[PROGRAM] = contents[PROGRAM].replace(b"Balances", b"balances")
    return zipped(contents.items())


def text_of_another_hash(pack):
    """Lets the manifest's list of files agree with the text, but not the skill."""
    return reforged(text('def skill(s, run):\n    run("balance-the-pole")\n')(pack), edit=forget_policy)


def forget_policy(manifest):
    manifest["skills"][1]["policy"] = "0" * 64


def circle(policy, program, manifest):
    policy["dependencies"] = ["stay-up@1"]


def two_programs_in_a_circle(pack):
    """Lets two programs run each other."""
    one, other = (f'def skill(s, run):\n    run("{name}")\n'.encode() for name in ("other", "stay-up"))

    def edit(manifest):
        first = manifest["skills"][1]
        second = {**first, "name": "other", "dependencies": ["stay-up@1"], "policy": "0" * 64}
        first["dependencies"] = ["other@1"]
        manifest["skills"].append(second)
        manifest["files"]["other@1/card.json"] = manifest["files"]["stay-up@1/card.json"]

    pack = reforged(pack, {PROGRAM: one, "other@1/program.py": other}, edit)
    return with_file(pack, "other@1/card.json", contents_of(pack)["stay-up@1/card.json"])


def with_file(pack, name, data):
    return zipped([*contents_of(pack).items(), (name, data)])


def without_dependency(pack):
    """Takes the skill that the program runs out of the pack, and leaves no trace of it but its name."""

    def edit(manifest):
        del manifest["skills"][0]
        manifest["files"] = {path: entry for path, entry in manifest["files"].items() if path.startswith("stay-up")}

    pack = reforged(pack, edit=edit)
    return zipped([(path, data) for path, data in contents_of(pack).items() if not path.startswith(FOLDER)])


def policy_in_the_folder_of_a_program(pack):
    """Says that the program is a policy, and gives it the files of one, its text among them."""
    contents = contents_of(pack)
    source = contents[PROGRAM]

    def edit(manifest):
        manifest["skills"][1].update(kind="policy", dependencies=[])
        del manifest["files"][PROGRAM]

    files = {"stay-up@1/reward.py": contents[f"{FOLDER}/reward.py"], "stay-up@1/policy.safetensors": source}
    pack = reforged(pack, files, edit)
    return zipped([(path, data) for path, data in contents_of(pack).items() if path != PROGRAM])


def other_world(pack):
    """Lets the program's world be another than that of the skill it runs."""
    card = contents_of(pack)["stay-up@1/card.json"].replace(b"classic_control/CartPole-v1", b"classic_control/Other-v1")

    def edit(manifest):
        manifest["skills"][1]["env_id"] = "classic_control/Other-v1"

    return reforged(pack, {"stay-up@1/card.json": card}, edit)


HUGE = "def skill(s, run):\n" + "".join(f"    x{index} = {index}\n" for index in range(2_000))
ATTACKS = {
    "a program that opens files": (body('open("/etc/passwd")', 'run("balance-the-pole")'), "outside the allowed"),
    "a program that imports": (text("import os\n" + STEADY), "outside the allowed"),
    "a program that reaches for classes": (
        body("x = ().__class__", 'run("balance-the-pole")'),
        "outside the allowed",
    ),
    "a program that computes whom it runs": (body('run("balance-" + "the-pole")'), "written name of a skill"),
    "a program that hides run": (body("go = run", 'go("balance-the-pole")'), "run may only be called"),
    "a program that runs nothing": (body("pass"), "runs no skill"),
    "a program that is a reward": (text("def reward(s, a, n):\n    return {}\n"), "does not define skill"),
    "a huge text": (text(HUGE), "longer than 20000 characters"),
    "a text that is none": (lambda pack: reforged(pack, {PROGRAM: b"\xff\xfe"}), "no text"),
    "a text that is not Python": (text("def skill(s, run:\n"), "outside the allowed"),
    "an empty text": (text(""), "does not define skill"),
    "a text that speaks to the terminal": (body("# \x1b[2J", 'run("balance-the-pole")'), "control characters"),
    "a text that is a policy": (
        lambda pack: reforged(pack, {PROGRAM: pole_policy().to_bytes()}),
        "no text|outside the allowed",
    ),
    "a text of another hash": (other_text_same_hash, "hash or size is wrong"),
    "a text of another skill": (text_of_another_hash, "its hash is wrong"),
    "a skill that is not in the pack": (without_dependency, "depends on 'balance-the-pole@1'"),
    "a version that is not in the pack": (
        program_edit(dependencies=["balance-the-pole@2"]),
        "depends on 'balance-the-pole@2'",
    ),
    "a skill that it does not say it runs": (program_edit(dependencies=[]), "none of the skills it depends on"),
    "a skill of the library here": (body('run("own")'), "none of the skills it depends on"),
    "a version that is written out and wrong": (body('run("balance-the-pole@7")'), "none of the skills it depends on"),
    "a dependency that it does not run": (
        lambda pack: reforged(
            pack,
            {PROGRAM: b'def skill(s, run):\n    run("stay-up")\n'},
            lambda manifest: manifest["skills"][1].update(dependencies=["balance-the-pole@1"]),
        ),
        "none of the skills it depends on",
    ),
    "a dependency twice": (
        program_edit(dependencies=["balance-the-pole@1", "balance-the-pole@1"]),
        "depends on one skill twice",
    ),
    "itself": (program_edit(dependencies=["stay-up@1"]), "depends on 'stay-up@1'"),
    "a circle through a policy": (manifest_edit(circle), "depends on 'stay-up@1'"),
    "a circle of programs": (two_programs_in_a_circle, "depends on 'other@1'"),
    "a part that it does not run": (program_edit(parts=["other@1"]), "has the part 'other@1'"),
    "a policy with parts": (
        manifest_edit(lambda policy, program, manifest: policy.update(parts=["stay-up@1"])),
        "is a policy and has parts",
    ),
    "a skill of another world": (other_world, "was made for"),
    "weights without a reward": (program_edit(reward_weights={"upright": 1.0}), "is a program and has weights"),
    "a reward in the manifest": (program_edit(reward_source="x"), "reward in a file of its own"),
    "a program that claims to be a policy": (program_edit(kind="policy"), "lacks a file|has too much"),
    "a program in the place of a policy": (policy_in_the_folder_of_a_program, "length of its header"),
    "a program and a policy": (
        lambda pack: with_file(pack, "stay-up@1/policy.safetensors", pole_policy().to_bytes()),
        "has too much",
    ),
    "an unknown kind": (program_edit(kind="pickle"), "kind"),
    "an unknown key of a program": (program_edit(extra=1), "Extra inputs"),
    "an unknown status": (program_edit(status="trusted"), "status"),
    "a success test that opens files": (
        lambda pack: reforged(
            pack,
            {"stay-up@1/card.json": contents_of(pack)["stay-up@1/card.json"].replace(b"return bool(", b"return open(")},
        ),
        "outside the allowed language",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_pack_is_refused_with_its_reason_and_nothing_is_written(attack, program_pack, here, tmp_path, capsys):
    forge, reason = ATTACKS[attack]
    check_refused(forge(program_pack), reason, here, tmp_path / "evil.swskill", capsys)


def test_the_way_attacks_are_forged_leaves_a_pack_that_is_taken(program_pack):
    assert read_pack(reforged(program_pack)).contents
    assert read_pack(text(STEADY.replace("Balances", "balances"))(program_pack)).contents
    assert read_pack(program_edit(parts=["balance-the-pole@1"])(program_pack)).contents
