"""Who made a dossier can be told by anybody with the public keys, also after the key was changed; forgers are refused."""

import json
import stat
from pathlib import Path

import msgspec
import pytest

from rvw.domain.chain import Corrected, Redacted, canonical
from rvw.domain.handover import corrected, decode, redacted
from rvw.domain.package import check, check_alone, read_dossier
from rvw.domain.seal import public_keys, seal
from rvw.errors import InvalidInput, InvalidSettings, NotWhole
from signaling.dossiers.evidence import attached, render
from signaling.dossiers.keys import FILE, open_keys, rotate
from signaling.dossiers.packages import Memory
from tests.fakes.case_system import T0, closed_visit, sealer
from tests.fakes.dossiers import FILES_OF_VISIT, STILL, files_of, public, record


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Two starts have one key, and nobody else can read the file."""
    assert open_keys(tmp_path, T0).signer().key == open_keys(tmp_path, T0 + 9).signer().key
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(InvalidSettings, match="chmod 600"):
        open_keys(tmp_path, T0)


def test_after_a_rotation_old_seals_are_good_and_the_old_key_seals_nothing(tmp_path: Path) -> None:
    """The running process notices; what the old key sealed before is verified with its public half."""
    running = open_keys(tmp_path, T0)
    old_signer, before = running.signer(), sealer(tmp_path).first(*closed_visit("v1"))
    rotate(tmp_path, T0 + 2000)
    assert running.signer().key != old_signer.key
    assert len(running.public().keys) == 2
    assert check_alone(before.dossier, running.public()).key == old_signer.key
    content = decode(before.dossier)
    late = seal("dossier", content, content.head, old_signer, T0 + 9000)
    with pytest.raises(NotWhole, match="was not in use"):
        check_alone(late, running.public())


def test_a_key_nobody_published_is_refused(tmp_path: Path) -> None:
    """A perfect forgery with another key."""
    forged = record(tmp_path / "forger")
    with pytest.raises(NotWhole, match=r"^dossier\.json: the seal is by the key .* not among the public keys"):
        check(Memory(files_of(forged)), public(tmp_path / "ours"), attached)


def test_a_file_of_keys_must_fit_its_ids(tmp_path: Path) -> None:
    """A key under another's id is refused."""
    one, two = (public(tmp_path / name).keys[0] for name in ("one", "two"))
    mixed = msgspec.json.encode({"keys": [{**msgspec.to_builtins(one), "x": two.x}]})
    with pytest.raises(InvalidInput, match="does not fit its id"):
        public_keys(mixed)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d.update(outcome="guided"), "the field outcome"),
        (lambda d: d["events"][4]["event"].update(text="改过"), "event visit:v1/5 does not fit its hash"),
        (lambda d: d["events"].pop(4), "event visit:v1/6 is not the next one"),
        (lambda d: d["events"][4].update(removed={"at": 1, "by": "x", "reason": "y", "basis": "z"}), "still there"),
        (lambda d: d.update(head="0" * 64), "the head is not the link"),
        (lambda d: d["parties"].pop(), "the field parties"),
    ],
)
def test_even_the_holder_of_the_key_cannot_say_what_the_events_do_not(change: object, fault: str, tmp_path: Path) -> None:
    """Sealed anew with the right key: the chain and the fold still name what was changed."""
    keys = open_keys(tmp_path, T0)
    document = json.loads(sealer(tmp_path).first(*closed_visit("v1")).dossier)["dossier"]
    change(document)  # type: ignore[operator]
    with pytest.raises(NotWhole, match=fault):
        read_dossier(seal("dossier", document, document["head"], keys.signer(), T0 + 1), keys.public())


def test_corrections_and_removals_verify(tmp_path: Path) -> None:
    """Version 2 corrects, version 3 removes a line of chat and a file: each is whole, and tells what is gone."""
    made, keys = sealer(tmp_path, render), public(tmp_path)
    first = made.first(*closed_visit("v1"), FILES_OF_VISIT)
    second = made.sealed(
        corrected(decode(first.dossier), first.sha256, Corrected("guided", "", "点错了"), "pudong1", T0 + 100, first.seed),
        first.seed,
    )
    order = Redacted(("visit:v1/5",), (FILES_OF_VISIT[0].sha256,), "涉及他人隐私", "个人信息保护法 第四十七条")
    third = made.sealed(redacted(decode(second.dossier), second.sha256, order, "lead", T0 + 200, second.seed), second.seed)
    assert decode(third.dossier).supersedes == second.sha256
    for number, one in enumerate((first, second, third), 1):
        whole = check(Memory(files_of(one)), keys, attached)
        assert (whole.number, whole.removed) == (number, 2 if number == 3 else 0)
    still_there = {**files_of(third), f"files/{FILES_OF_VISIT[0].sha256}": STILL}
    with pytest.raises(NotWhole, match="removed by law, and is still there"):
        check(Memory(still_there), keys, attached)
    assert "您好".encode() not in third.dossier


def test_another_program_can_compute_the_chain(tmp_path: Path) -> None:
    """From the JSON alone, with nothing but SHA-256 and RFC 8785, as the document of the format says."""
    import hashlib

    document = json.loads(sealer(tmp_path).first(*closed_visit("v1")).dossier)["dossier"]
    link = bytes(32)
    for event in document["events"]:
        hashed = {name: event[name] for name in ("stream", "version", "at", "by", "ref", "event")}
        digest = hashlib.sha256(bytes.fromhex(event["salt"]) + canonical(hashed)).digest()
        link = hashlib.sha256(link + digest).digest()
    assert link.hex() == document["head"]
