"""`rvw verify` with nothing but files: what it says, and its exit codes."""

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from rvw.cli import app
from rvw.errors import InvalidInput
from signaling.dossiers.packages import packed
from tests.fakes.dossiers import files_of, public, record, write

RUN = CliRunner()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The file of public keys."""
    file = tmp_path / "keys.json"
    file.write_bytes(msgspec.json.encode(public(tmp_path / "data")))
    return file


@pytest.fixture
def files(tmp_path: Path, keys: Path) -> dict[str, bytes]:
    """The files of a dossier."""
    return files_of(record(tmp_path / "data"))


def run(*words: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    result = RUN.invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_whole_dossier_in_each_of_its_forms(tmp_path: Path, keys: Path, files: dict[str, bytes]) -> None:
    """A folder, a ZIP, the PDF alone, the JSON alone; what could not be checked alone is said."""
    folder = write(files, tmp_path / "v1.1")
    (tmp_path / "v1.1.zip").write_bytes(packed(files))
    for target, alone in ((folder, False), (tmp_path / "v1.1.zip", False), (folder / "evidence.pdf", True)):
        code, said = run("verify", target, "--keys", keys)
        assert (code, "WHOLE: visit v1, version 1, 8 events, 2 files" in said) == (0, True)
        assert ("only dossier.json was checked" in said) == alone
    code, said = run("verify", folder / "dossier.json", "--keys", keys, "--json")
    told = json.loads(said)
    assert (code, told["ok"], told["alone"], told["events"]) == (0, True, True, 8)


def test_what_does_not_fit_is_named(tmp_path: Path, keys: Path, files: dict[str, bytes]) -> None:
    """Exit code 1, and the file."""
    folder = write(files, tmp_path / "v1.1")
    pdf = folder / "evidence.pdf"
    pdf.write_bytes(pdf.read_bytes().replace(b"endobj", b"endobJ", 1))
    code, said = run("verify", folder, "--keys", keys)
    assert (code, said) == (1, "NOT WHOLE: evidence.pdf: the file does not fit its hash in the manifest\n")
    (folder / "manifest.json").unlink()
    code, said = run("verify", folder, "--keys", keys, "--json")
    assert (code, json.loads(said)) == (1, {"ok": False, "fault": "manifest.json is missing"})


def test_what_cannot_be_checked_is_told_apart(tmp_path: Path, keys: Path) -> None:
    """No such file, or keys that are none: not the dossier's fault."""
    for words in (("verify", tmp_path / "nothing.json", "--keys", keys), ("verify", keys, "--keys", tmp_path / "no")):
        with pytest.raises(InvalidInput):
            run(*words)


def test_keys_are_shown_and_changed(tmp_path: Path) -> None:
    """What is shown is what `verify` reads."""
    code, said = run("keys", "show", "--data", tmp_path)
    assert (code, len(json.loads(said)["keys"])) == (0, 1)
    assert run("keys", "rotate", "--data", tmp_path)[0] == 0
    assert len(json.loads(run("keys", "show", "--data", tmp_path)[1])["keys"]) == 2
