"""Packs that nobody honest makes are refused with a reason, and the home folder stays as it was, byte for byte."""

import json
import pickle
import stat
import struct
import zipfile

import numpy as np
import pytest

from skillwright.cli.entry import run_command_line
from skillwright.skills.packs import PackRefused
from skillwright.skills.packs.reading import Limits, read_pack

from .conftest import FOLDER, bytes_of, check_refused, contents_of, forged, pole_policy, zipped


def with_entry(pack, name, data=b"{}"):
    return zipped([*contents_of(pack).items(), (name, data)])


def with_info(pack, **fields):
    info = zipfile.ZipInfo(f"{FOLDER}/other.json")
    for name, value in fields.items():
        setattr(info, name, value)
    return with_entry(pack, info)


def doubled(pack):
    with pytest.warns(UserWarning, match="Duplicate name"):
        return with_entry(pack, "manifest.json")


def patched_directory(pack, offset, value):
    """Changes a number in the last entry of the directory."""
    data = bytearray(pack)
    place = data.rindex(b"PK\x01\x02") + offset
    struct.pack_into("<L", data, place, value)
    return bytes(data)


def overlapping(pack):
    """Lets the last entry begin where the first one does."""
    return patched_directory(pack, 42, 0)


def many(pack):
    return zipped([*contents_of(pack).items(), *((f"x{index}.json", b"") for index in range(300))])


def zip64(pack):
    return pack[:-22] + b"PK\x06\x07" + bytes(16) + pack[-22:]


def wrong_hash(pack):
    contents = contents_of(pack)
    contents[f"{FOLDER}/reward.py"] += b"# more\n"
    return zipped(contents.items())


def manifest_edit(change):
    return lambda pack: forged(pack, edit=change)


def policy_edit(**changes):
    policy = pole_policy()
    tensors = {**policy.tensors, **changes}
    tensors = {name: one for name, one in tensors.items() if one is not None}
    return lambda pack: forged(pack, policy=type(policy)(spec=policy.spec, tensors=tensors).to_bytes())


def header_lie(header, body=b""):
    data = json.dumps(header).encode()
    return lambda pack: forged(pack, policy=struct.pack("<Q", len(data)) + data + body)


def card_edit(change):
    def made(pack):
        card = json.loads(contents_of(pack)[f"{FOLDER}/card.json"])
        change(card)
        return forged(pack, card=json.dumps(card).encode())

    return made


def task_edit(**programs):
    return card_edit(lambda card: card["tasks"]["balance"].update(programs))


def text_manifest(change):
    def made(pack):
        contents = contents_of(pack)
        contents["manifest.json"] = change(contents["manifest.json"])
        return zipped(contents.items())

    return made


SPEC = json.dumps(pole_policy().spec.model_dump())
EVIL = "def success(s, a, n):\n    return open('/etc/passwd')\n"
ATTACKS = {
    "nothing": (lambda pack: b"", "does not begin like one"),
    "wrong magic": (lambda pack: b"XX" + pack[2:], "does not begin like one"),
    "a program before the archive": (lambda pack: b"#!/bin/sh\n" + pack, "does not begin like one"),
    "cut off": (lambda pack: pack[:-1], "cut off"),
    "cut in the middle": (lambda pack: pack[: len(pack) // 2], "cut off"),
    "something after the end": (lambda pack: pack + b"x", "after its end"),
    "something in the middle": (lambda pack: pack[:-22] + b"x" + pack[-22:], "not where it says"),
    "zip64": (zip64, "zip64"),
    "up": (lambda pack: with_entry(pack, "../evil.json"), "leads out of the pack"),
    "up from below": (lambda pack: with_entry(pack, f"{FOLDER}/../../evil.json"), "leads out of the pack"),
    "up with backslashes": (lambda pack: with_entry(pack, "..\\evil.json"), "leads out of the pack"),
    "absolute": (lambda pack: with_entry(pack, "/etc/evil.json"), "absolute"),
    "a drive": (lambda pack: with_entry(pack, "C:/evil.json"), "absolute"),
    "a folder": (lambda pack: with_entry(pack, "evil/", b""), "is a folder"),
    "a hidden file": (lambda pack: with_entry(pack, ".ssh/config.json"), "name that packs do not use"),
    "a long name": (lambda pack: with_entry(pack, "a" * 300 + ".json"), "name that packs do not use"),
    "upper case": (lambda pack: with_entry(pack, "MANIFEST.json"), "name that packs do not use"),
    "a pickle by name": (lambda pack: with_entry(pack, "evil.pkl", pickle.dumps(1)), "kind that packs do not hold"),
    "a pack in the pack": (lambda pack: with_entry(pack, "inner.swskill", pack), "kind that packs do not hold"),
    "a symbolic link": (lambda pack: with_info(pack, external_attr=(stat.S_IFLNK | 0o777) << 16), "symbolic link"),
    "a device": (lambda pack: with_info(pack, external_attr=(stat.S_IFCHR | 0o666) << 16), "no plain file"),
    "a doubled name": (doubled, "two entries"),
    "too many entries": (many, "too many entries"),
    "a bomb": (lambda pack: with_entry(pack, "bomb.json", bytes(50 << 20)), "zip bombs"),
    "an unknown method": (
        lambda pack: zipped([*contents_of(pack).items(), ("x.json", b"x")], zipfile.ZIP_BZIP2),
        "packed by a method",
    ),
    "a size that is too small": (lambda pack: patched_directory(pack, 24, 3), "not of the size"),
    "a size that is too large": (lambda pack: patched_directory(pack, 24, 1000), "not of the size"),
    "a wrong checksum": (lambda pack: patched_directory(pack, 16, 1), "not of the size or content"),
    "entries over each other": (overlapping, "lies over another|another name|no zip archive"),
    "an entry too much": (lambda pack: with_entry(pack, "more.json"), "has too much"),
    "no manifest": (lambda pack: zipped([("a.json", b"{}")]), "no manifest"),
    "a wrong hash": (wrong_hash, "hash or size is wrong"),
    "no json": (text_manifest(lambda text: text[:-1]), "cannot be read"),
    "a doubled key": (text_manifest(lambda text: b'{"version":1,' + text[1:]), "twice"),
    "a depth that exhausts": (text_manifest(lambda text: b"[" * 60_000), "cannot be read"),
    "an unknown key": (manifest_edit(lambda m: m.update(extra=1)), "Extra inputs"),
    "an unknown key of a skill": (manifest_edit(lambda m: m["skills"][0].update(extra=1)), "Extra inputs"),
    "an unknown version": (manifest_edit(lambda m: m.update(version=2)), "version"),
    "another format": (manifest_edit(lambda m: m.update(format="other")), "format"),
    "escapes for the terminal": (
        manifest_edit(lambda m: m["skills"][0].update(description="\x1b[2J")),
        "control characters",
    ),
    "a name that is a path": (manifest_edit(lambda m: m["skills"][0].update(name="../x")), "name"),
    "a measure without end": (
        manifest_edit(lambda m: m["skills"][0]["evidence"].update(fitness=float("inf"))),
        "not finite",
    ),
    "overflow": (text_manifest(lambda text: text.replace(b'"fitness":0.9', b'"fitness":1e999')), "not finite"),
    "a policy that claims to be a program": (
        manifest_edit(lambda m: m["skills"][0].update(kind="program")),
        "has too much: .*policy.safetensors",
    ),
    "a missing dependency": (manifest_edit(lambda m: m["skills"][0].update(dependencies=["other@1"])), "depends on"),
    "a circle": (manifest_edit(lambda m: m["skills"][0].update(dependencies=[FOLDER])), "depends"),
    "the same skill twice": (manifest_edit(lambda m: m["skills"].append(m["skills"][0])), "twice"),
    "a root that is not there": (manifest_edit(lambda m: m.update(roots=["other@1"])), "does not have it"),
    "a file of another skill": (manifest_edit(lambda m: m["skills"][0].update(policy="0" * 64)), "hash is wrong"),
    "a reward that opens files": (
        lambda pack: forged(pack, reward=b"def reward(s, a, n):\n    return open('/etc/passwd')\n"),
        "outside the allowed language",
    ),
    "a reward that is no text": (lambda pack: forged(pack, reward=b"\xff\xfe"), "no text"),
    "a success test that opens files": (task_edit(success=EVIL), "outside the allowed language"),
    "a fitness that imports": (
        task_edit(fitness="import os\ndef fitness(s, a, n):\n    return 1.0\n"),
        "outside the allowed language",
    ),
    "an unknown key of the card": (card_edit(lambda card: card.update(extra=1)), "Extra inputs"),
    "a card of another world": (card_edit(lambda card: card.update(id="box2d/Other-v1")), "another world"),
    "a module as world": (card_edit(lambda card: card.update(gymnasium_id="evil:Evil-v0")), "import a module"),
    "options of the simulator": (
        card_edit(lambda card: card.update(envpool_options={"base_path": "/tmp"})),
        "pass options on",
    ),
    "an endless horizon": (card_edit(lambda card: card.update(horizon=10**12)), "episodes of more than"),
    "a pickle as the policy": (lambda pack: forged(pack, policy=pickle.dumps([1])), "a pickle"),
    "an archive as the policy": (lambda pack: forged(pack, policy=zipped([("a", b"b")])), "another archive"),
    "an empty policy": (lambda pack: forged(pack, policy=b""), "length of its header"),
    "a header longer than the file": (
        lambda pack: forged(pack, policy=struct.pack("<Q", 2**63) + b"{}"),
        "length of its header",
    ),
    "a tensor beyond the end": (
        header_lie(
            {"__metadata__": {"spec": SPEC}, "mean": {"dtype": "F32", "shape": [4], "data_offsets": [0, 4096]}},
            bytes(16),
        ),
        "cannot be read",
    ),
    "a shape that is no length": (
        header_lie(
            {"__metadata__": {"spec": SPEC}, "mean": {"dtype": "F32", "shape": [4000], "data_offsets": [0, 16]}},
            bytes(16),
        ),
        "cannot be read",
    ),
    "tensors over each other": (
        header_lie(
            {
                "__metadata__": {"spec": SPEC},
                "mean": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
                "scale": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
            },
            bytes(16),
        ),
        "cannot be read",
    ),
    "no spec": (header_lie({}), "cannot be read"),
    "numbers that are none": (policy_edit(mean=np.full(4, np.nan, np.float32)), "not finite"),
    "infinite numbers": (policy_edit(weight_0=np.full((4, 2), np.inf, np.float32)), "not finite"),
    "numbers of 64 bits": (policy_edit(mean=np.zeros(4)), "not of 32 bits"),
    "a missing tensor": (policy_edit(scale=None), "lacks the tensor 'scale'"),
    "a missing layer": (policy_edit(weight_0=None), "lacks layer 0"),
    "a layer of another size": (policy_edit(weight_0=np.zeros((5, 2), np.float32)), "do not fit each other"),
    "too many actions": (
        policy_edit(weight_0=np.zeros((4, 3), np.float32), bias_0=np.zeros(3, np.float32)),
        "another number of actions",
    ),
    "a tensor that nobody knows": (policy_edit(payload=np.zeros(4, np.float32)), "no policy has: 'payload'"),
    "a video that is none": (lambda pack: forged(pack, video=b"<script>"), "no mp4"),
}  # fmt: skip


def test_the_way_attacks_are_forged_leaves_a_pack_that_is_taken(pack):
    assert read_pack(forged(pack, edit=lambda manifest: None)).manifest.roots == (FOLDER,)
    card = json.loads(contents_of(pack)[f"{FOLDER}/card.json"])
    assert read_pack(forged(pack, card=json.dumps(card).encode())).contents
    assert read_pack(policy_edit()(pack)).contents


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_pack_is_refused_with_its_reason_and_nothing_is_written(attack, pack, here, tmp_path, capsys):
    forge, reason = ATTACKS[attack]
    check_refused(forge(pack), reason, here, tmp_path / "evil.swskill", capsys)


def test_a_pack_larger_than_the_limit_is_refused(pack):
    with pytest.raises(PackRefused, match="larger than 100 bytes"):
        read_pack(pack, Limits(max_bytes=100))


def test_a_pack_that_unpacks_to_more_than_the_limit_is_refused(pack):
    data = with_entry(pack, "x.json", np.random.default_rng(0).integers(0, 16, 60_000).astype(np.uint8).tobytes())
    with pytest.raises(PackRefused, match="holds more than"):
        read_pack(data, Limits(max_bytes=len(data)))


def test_a_new_name_for_several_skills_is_refused_and_nothing_is_written(origin, here, tmp_path):
    from skillwright.skills.packs.writing import write_pack

    origin.skill(name="one")
    origin.skill(name="two")
    place = tmp_path / "two.swskill"
    place.write_bytes(write_pack(origin.library, origin.artifacts, ["one", "two"]))
    before = bytes_of(here.home.path)
    assert run_command_line(["skills", "import", str(place), "--as", "x", "--home", str(here.home.path)]) == 2
    assert bytes_of(here.home.path) == before


def test_a_refused_pack_does_not_even_make_a_home(tmp_path):
    place = tmp_path / "evil.swskill"
    place.write_bytes(b"no pack")
    assert run_command_line(["skills", "import", str(place), "--home", str(tmp_path / "new")]) == 2
    assert not (tmp_path / "new").exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    from skillwright.skills.packs.reading import read_pack_file

    with pytest.raises(PackRefused, match=r"absent\.swskill"):
        read_pack_file(tmp_path / "absent.swskill")
