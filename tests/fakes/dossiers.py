"""A whole dossier for tests: a visit with two files, sealed, as the files of its package."""

import hashlib
from pathlib import Path

from rvw.domain.handover import FileEntry, Names
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, MANIFEST
from rvw.domain.seal import PublicKeys
from signaling.dossiers.evidence import render
from signaling.dossiers.keys import open_keys
from signaling.records.archive import Record
from tests.fakes.case_system import T0, closed_visit, sealer

STILL = b"\xff\xd8 a still of a made-up identity card \xff\xd9"
FORM = b"%PDF-1.7 a made-up form"


def file(name: str, data: bytes, type: str, what: str) -> FileEntry:
    """Return the entry of a file."""
    return FileEntry(name=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), type=type, what=what)


FILES_OF_VISIT = (
    file("身份证.jpg", STILL, "image/jpeg", "material"),
    file("申请表.pdf", FORM, "application/pdf", "material"),
)
NAMES = Names("社保卡补办", "浦东新区", "浦东新区政务服务中心", "浦东窗口")


def record(folder: Path, visit: str = "v1") -> Record:
    """Return the record of a visit, sealed with the key in `folder`, with real evidence."""
    return sealer(folder, render).first(*closed_visit(visit), FILES_OF_VISIT, NAMES)


def files_of(record: Record) -> dict[str, bytes]:
    """Return the files of the record's package."""
    attachments = {f"{FILES}{hashlib.sha256(data).hexdigest()}": data for data in (STILL, FORM)}
    own = {DOSSIER: record.dossier, EVIDENCE: record.evidence, MANIFEST: record.manifest}
    return own | {name: data for name, data in attachments.items() if name.encode()[6:] in record.manifest}


def public(folder: Path) -> PublicKeys:
    """Return the public keys of the folder."""
    return open_keys(folder, T0).public()


def write(files: dict[str, bytes], folder: Path) -> Path:
    """Write a package as a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
