"""One flipped bit anywhere in a dossier is found, and the file it is in is named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvw.domain.package import DOSSIER, check, check_alone
from rvw.domain.seal import PublicKeys
from rvw.errors import NotWhole
from signaling.dossiers.evidence import attached
from signaling.dossiers.packages import Memory, open_zip, packed
from tests.fakes.dossiers import files_of, public, record

EXAMPLES = 100


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> PublicKeys:
    """The keys of the dossier below."""
    return public(tmp_path_factory.getbasetemp() / "keys")


@pytest.fixture(scope="module")
def whole(keys: PublicKeys, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A whole dossier: JSON, PDF, manifest and two files."""
    files = files_of(record(tmp_path_factory.getbasetemp() / "keys"))
    assert check(Memory(files), keys, attached).files == 2
    return files


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_one_bit_anywhere_in_a_package(data: st.DataObject, whole: dict[str, bytes], keys: PublicKeys) -> None:
    """Whichever file it is in, and whatever it means there, that file is named."""
    name = data.draw(st.sampled_from(sorted(whole)))
    bit = data.draw(st.integers(0, 8 * len(whole[name]) - 1))
    with pytest.raises(NotWhole, match=f"^{name}"):
        check(Memory({**whole, name: flipped(whole[name], bit)}), keys, attached)


def test_every_bit_of_a_dossier_alone(whole: dict[str, bytes], keys: PublicKeys) -> None:
    """Not one of the bits of a dossier that travels without its package is without meaning: each byte, one bit of it."""
    for place in range(len(whole[DOSSIER])):
        with pytest.raises(NotWhole):
            check_alone(flipped(whole[DOSSIER], 8 * place + place % 8), keys)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_one_bit_anywhere_in_a_zip(
    data: st.DataObject, whole: dict[str, bytes], keys: PublicKeys, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The archive's own headers are no place to hide either."""
    archive = packed(whole)
    file = tmp_path_factory.getbasetemp() / "package.zip"
    file.write_bytes(flipped(archive, data.draw(st.integers(0, 8 * len(archive) - 1))))
    with pytest.raises(NotWhole), open_zip(file) as package:
        check(package, keys, attached)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_bytes_cut_off_or_added(data: st.DataObject, whole: dict[str, bytes], keys: PublicKeys) -> None:
    """A file that is longer or shorter, missing, or one too many is named too."""
    name = data.draw(st.sampled_from(sorted(whole)))
    cut = data.draw(st.integers(0, len(whole[name]) - 1))
    added = data.draw(st.binary(min_size=1, max_size=8))
    missing = {other: content for other, content in whole.items() if other != name}
    for files in ({**whole, name: whole[name][:cut]}, {**whole, name: whole[name] + added}, missing):
        with pytest.raises(NotWhole, match=f"^{name}"):
            check(Memory(files), keys, attached)
    with pytest.raises(NotWhole, match=r"^files/more is not in the manifest"):
        check(Memory({**whole, "files/more": added}), keys, attached)


def test_a_zip_is_whole(whole: dict[str, bytes], keys: PublicKeys, tmp_path: Path) -> None:
    """And the archive that nobody touched is read."""
    file = tmp_path / "package.zip"
    file.write_bytes(packed(whole))
    with open_zip(file) as package:
        assert check(package, keys, attached).visit == "v1"
