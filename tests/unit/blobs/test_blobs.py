"""Blobs: what was put comes back, by any range, from a folder and from S3; what was changed, cut or forgotten does not."""

import asyncio
import errno
import hashlib
import os
import random
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import BinaryIO

import pytest

from rvw.errors import InvalidInput, NoRoom, NotFound, NotPossible, NotWhole, ReadOnly, TooLarge, Unavailable
from rvw.settings import Blobs as Chosen
from signaling.blobs import Blob, Blobs
from signaling.blobs import store as blob_store
from signaling.blobs.frames import HEADER_BYTES, TEXT_BYTES, Writer
from signaling.blobs.objects import FolderObjects
from signaling.blobs.s3 import open_s3
from signaling.keeping.provider import FileKeys
from signaling.keeping.visit_keys import VisitKeys
from tests.fakes.case_system import T0, served
from tests.fakes.s3 import FakeS3
from tests.fakes.stores import empty_store

MOST = 1 << 30
NAME = "测试人甲乙丙"
SIZES = (0, 1, TEXT_BYTES - 1, TEXT_BYTES, TEXT_BYTES + 1, 5 * TEXT_BYTES, 17 * TEXT_BYTES + 3)


async def chunks(*data: bytes) -> AsyncIterator[bytes]:
    """Yield pieces as a page would send them."""
    for one in data:
        yield one


async def whole(blobs: Blobs, visit: str, sha256: str, start: int = 0, end: int | None = None) -> bytes:
    """Return what is read."""
    return b"".join([piece async for piece in blobs.read(visit, sha256, start, end)])


async def until_refused(blobs: Blobs, sha256: str) -> bytes:
    """Return what is yielded of a damaged file before it is refused."""
    got = bytearray()
    try:
        async for piece in blobs.read("v1", sha256):
            got += piece
    except NotWhole:
        return bytes(got)
    raise AssertionError("the damage was not noticed")


class Place:
    """Blobs, and a way to look at and to change what is stored of them."""

    def __init__(self, blobs: Blobs, keys: VisitKeys, folder: Path, s3: FakeS3 | None) -> None:
        self.blobs = blobs
        self.keys = keys
        self.folder = folder
        self.s3 = s3

    def stored(self) -> dict[str, bytes]:
        """Return everything stored, by name."""
        if self.s3:
            return {name.removeprefix("in/"): data for name, data in self.s3.objects.items()}
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}

    def change(self, name: str, data: bytes) -> None:
        """Put other bytes under a name."""
        if self.s3:
            self.s3.objects[f"in/{name}"] = data
        else:
            (self.folder / name).write_bytes(data)


@pytest.fixture(params=["folder", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty blob store of either kind, with a store of keys."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(empty_store(tmp_path))
        keys = store.keys
        folder = tmp_path / "blobs"
        if request.param == "folder":
            yield Place(Blobs(FolderObjects(folder), keys, folder / ".unfinished"), keys, folder, None)
            return
        s3 = FakeS3()
        address = await stack.enter_async_context(served(s3.app()))
        chosen = Chosen(kind="s3", bucket="b", prefix="in", endpoint=address, access_key="made-up", secret_key="made-up")
        yield Place(Blobs(open_s3(chosen), keys, folder / ".unfinished"), keys, folder, s3)


async def test_what_was_put_comes_back_by_any_range(place: Place) -> None:
    """Sizes around the frames' edges, put in odd pieces: whole, and by a hundred ranges, the same bytes come back."""
    chance = random.Random(1)
    for size in SIZES:
        data = chance.randbytes(size)
        pieces = [data[at : at + 70_001] for at in range(0, size, 70_001)]
        blob = await place.blobs.put("v1", chunks(*pieces), MOST)
        assert blob == Blob(hashlib.sha256(data).hexdigest(), size)
        assert await place.blobs.size("v1", blob.sha256) == size
        assert await whole(place.blobs, "v1", blob.sha256) == data
        for _ in range(10):
            start, end = sorted(chance.randrange(size + 1) for _ in range(2))
            assert await whole(place.blobs, "v1", blob.sha256, start, end) == data[start:end]
        assert await whole(place.blobs, "v1", blob.sha256, max(0, size - 5), size + 99) == data[max(0, size - 5) :]
    assert sorted(one.bytes for one in await place.blobs.of("v1")) == sorted(SIZES)


async def test_nothing_readable_is_stored(place: Place) -> None:
    """A name in a file: no stored byte shows it, and no two files under way, of the same content, look alike."""
    await place.blobs.put("v1", chunks(NAME.encode() * 9_000), MOST)
    await place.blobs.put("v2", chunks(NAME.encode() * 9_000), MOST)
    one, two = place.stored().values()
    assert NAME.encode() not in one
    assert one[HEADER_BYTES:] != two[HEADER_BYTES:]


async def test_twice_the_same_is_kept_once(place: Place) -> None:
    """The same still twice in a visit is one file; one that is damaged by its length is put right."""
    first = await place.blobs.put("v1", chunks(b"a made-up still"), MOST)
    ((name, data),) = place.stored().items()
    assert await place.blobs.put("v1", chunks(b"a made-up ", b"still"), MOST) == first
    assert place.stored() == {name: data}
    place.change(name, data[:-1])
    await place.blobs.put("v1", chunks(b"a made-up still"), MOST)
    assert await whole(place.blobs, "v1", first.sha256) == b"a made-up still"


async def test_every_changed_bit_is_noticed(place: Place) -> None:
    """One bit flipped anywhere, some cut off, frames exchanged: reading raises, and yields nothing false."""
    data = random.Random(2).randbytes(3 * TEXT_BYTES + 100)
    blob = await place.blobs.put("v1", chunks(data), MOST)
    ((name, stored),) = place.stored().items()
    frame = TEXT_BYTES + 16
    first, second = (stored[HEADER_BYTES + n * frame :][:frame] for n in (0, 1))
    spoilt = [stored[:-1], stored[: -(100 + 16)], stored[:HEADER_BYTES], stored[:10], b"", stored + b"x"]
    spoilt.append(stored[:HEADER_BYTES] + second + first + stored[HEADER_BYTES + 2 * frame :])
    for place_of_bit in (
        0,
        9,
        41,
        HEADER_BYTES - 1,
        HEADER_BYTES,
        *range(HEADER_BYTES, len(stored), 9_973),
        len(stored) - 1,
    ):
        changed = bytearray(stored)
        changed[place_of_bit] ^= 1
        spoilt.append(bytes(changed))
    for one in spoilt:
        place.change(name, one)
        assert data.startswith(await until_refused(place.blobs, blob.sha256))


async def test_a_file_in_the_place_of_another_is_noticed(place: Place) -> None:
    """Two files of one visit are exchanged on the disk: neither is taken for the other, though both are genuine."""
    one, two = [await place.blobs.put("v1", chunks(text), MOST) for text in (b"yes, I agree", b"no, I do not")]
    stored = place.stored()
    place.change(f"v1/{one.sha256}", stored[f"v1/{two.sha256}"])
    with pytest.raises(NotWhole):
        await whole(place.blobs, "v1", one.sha256)


async def test_too_large_and_interrupted_leave_nothing(place: Place) -> None:
    """A file beyond the limit, and one whose sender goes away: refused, and no byte is left anywhere."""
    with pytest.raises(TooLarge):
        await place.blobs.put("v1", chunks(bytes(300_000), bytes(300_001)), 600_000)

    async def goes_away() -> AsyncIterator[bytes]:
        yield bytes(600_000)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await place.blobs.put("v1", goes_away(), MOST)
    assert place.stored() == {}
    assert (await place.blobs.put("v1", chunks(bytes(600_000)), 600_000)).bytes == 600_000


async def test_what_is_not_there(place: Place) -> None:
    """Another visit's file, a hash nobody has put, and texts that are no hash or no id."""
    blob = await place.blobs.put("v1", chunks(b"x"), MOST)
    await place.blobs.put("v2", chunks(b"y"), MOST)
    for visit, sha256 in (("v2", blob.sha256), ("v1", "0" * 64), ("v3", blob.sha256)):
        with pytest.raises(NotFound):
            await whole(place.blobs, visit, sha256)
    for visit, sha256 in (("../v1", blob.sha256), ("", blob.sha256), ("v1", "../v2/" + blob.sha256), ("v1", "AB" * 32)):
        with pytest.raises(InvalidInput):
            await place.blobs.size(visit, sha256)


async def test_removed_and_forgotten(place: Place) -> None:
    """One file is removed; then the visit is forgotten: nothing is stored or taken any more, others stay."""
    one, two = [await place.blobs.put("v1", chunks(text), MOST) for text in (b"one", b"two")]
    other = await place.blobs.put("v2", chunks(b"one"), MOST)
    await place.blobs.remove("v1", one.sha256)
    await place.blobs.remove("v1", one.sha256)
    assert [blob.sha256 for blob in await place.blobs.of("v1")] == [two.sha256]
    taken = place.stored()[f"v1/{two.sha256}"]
    await place.blobs.forget("v1")
    await place.blobs.forget("v1")
    assert list(place.stored()) == [f"v2/{other.sha256}"]
    place.change(f"v2/{two.sha256}", taken)  # a copy from a backup
    with pytest.raises(NotFound):
        await whole(place.blobs, "v1", two.sha256)
    with pytest.raises(NotWhole):
        await whole(place.blobs, "v2", two.sha256)
    with pytest.raises(NotPossible):
        await place.blobs.put("v1", chunks(b"late"), MOST)
    assert await whole(place.blobs, "v2", other.sha256) == b"one"


async def test_forgotten_while_a_file_is_under_way(place: Place) -> None:
    """An upload is in the middle when the visit is deleted: it ends with an error, and nothing of it stays."""

    async def deleted_meanwhile() -> AsyncIterator[bytes]:
        yield NAME.encode() * 50_000
        await place.blobs.forget("v1")
        yield NAME.encode()

    with pytest.raises((NotFound, Unavailable)):
        await place.blobs.put("v1", deleted_meanwhile(), MOST)
    assert place.stored() == {}


async def test_many_at_once(place: Place) -> None:
    """Twenty tasks put files into a new visit together: one key is made, and all can be read."""
    texts = [f"page {number}".encode() * 40_000 for number in range(20)]
    put = await asyncio.gather(*(place.blobs.put("v1", chunks(text), MOST) for text in texts))
    assert await asyncio.gather(*(whole(place.blobs, "v1", blob.sha256) for blob in put)) == texts


async def test_memory_is_bounded(place: Place, tmp_path: Path) -> None:
    """A file of 48 MB is kept and read in less than 24 MB of memory of ours."""
    path = tmp_path / "long"
    piece = random.Random(3).randbytes(1 << 20)
    with path.open("wb") as file:
        for _ in range(48):
            file.write(piece)
    expected = hashlib.sha256(piece * 48).hexdigest()
    if place.s3:  # the fake keeps everything in this process's memory: here only that it goes in parts
        assert (await place.blobs.put_file("v1", path)).sha256 == expected
        return
    tracemalloc.start()
    blob = await place.blobs.put_file("v1", path)
    digest = hashlib.sha256()
    async for part in place.blobs.read("v1", blob.sha256):
        digest.update(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert blob.sha256 == digest.hexdigest() == expected
    assert peak < 24 << 20


@pytest.mark.parametrize(
    ("code", "told"), [(errno.ENOSPC, NoRoom), (errno.EDQUOT, NoRoom), (errno.EROFS, ReadOnly), (errno.EIO, Unavailable)]
)
async def test_a_disk_that_fails(place: Place, monkeypatch: pytest.MonkeyPatch, code: int, told: type[Unavailable]) -> None:
    """The disk is full, read-only or broken in the middle of a file: told by type, and nothing is left."""

    def fails(writer: Writer, data: bytes) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Writer, "feed", fails)
    with pytest.raises(told) as raised:
        await place.blobs.put("v1", chunks(b"x" * 300_000), MOST)
    assert raised.type is told
    assert place.stored() == {}


@pytest.mark.parametrize("place", ["folder"], indirect=True)
async def test_a_full_disk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that really is full (/dev/full): `NoRoom`, at the flush too."""

    def full(path: Path) -> BinaryIO:
        return open("/dev/full", "w+b", buffering=0)

    monkeypatch.setattr(blob_store, "_opened_new", full)
    with pytest.raises(NoRoom):
        await place.blobs.put("v1", chunks(b"x"), MOST)


@pytest.mark.parametrize("place", ["s3"], indirect=True)
@pytest.mark.parametrize(
    ("answer", "told"),
    [((403, "AccessDenied"), ReadOnly), ((507, "InsufficientStorage"), NoRoom), ((400, "Odd"), Unavailable)],
)
async def test_a_store_that_refuses(place: Place, answer: tuple[int, str], told: type[Unavailable]) -> None:
    """The bucket is read-only, full, or says something nobody expected."""
    assert place.s3 is not None
    place.s3.refuses = answer
    with pytest.raises(told) as raised:
        await place.blobs.put("v1", chunks(b"x"), MOST)
    assert raised.type is told


async def test_a_store_that_is_not_there(place: Place, tmp_path: Path) -> None:
    """Nobody listens at the address: `Unavailable`."""
    if place.s3:
        gone = Chosen(kind="s3", bucket="b", endpoint="http://127.0.0.1:9", access_key="made-up", secret_key="made-up")
        with pytest.raises(Unavailable):
            await open_s3(gone).length("v1/x")


async def test_what_dead_processes_left_is_swept(place: Place) -> None:
    """A file that was under way two hours ago goes, one of this minute stays."""
    unfinished = place.folder / ".unfinished"
    unfinished.mkdir(parents=True)
    for name, age_s in (("v1.1.aa", 7_200), ("v1.2.bb", 0)):
        (unfinished / name).write_bytes(b"x")
        at = (unfinished / name).stat().st_mtime - age_s
        os.utime(unfinished / name, (at, at))
    assert await place.blobs.sweep() == 1
    assert [path.name for path in unfinished.iterdir()] == ["v1.2.bb"]


Make = Callable[[], VisitKeys]


async def test_keys_are_wrapped_anew(place: Place, tmp_path: Path) -> None:
    """The wrapping key is changed: files are read as before, and what was wrapped before opens nothing any more."""
    blob = await place.blobs.put("v1", chunks(b"kept"), MOST)
    file = tmp_path / "data-keys.json"
    backup = file.read_bytes()
    provider = FileKeys(file)
    now_used = provider.rotate(T0)
    assert await place.keys.rewrap(now_used) == 1
    assert await place.keys.rewrap(now_used) == 0
    assert provider.destroy_retired(T0 + 59) == 0  # another process may be about to write what it wrapped before
    assert provider.destroy_retired(T0 + 61) == 1
    assert await whole(place.blobs, "v1", blob.sha256) == b"kept"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(backup)
    with pytest.raises(InvalidInput):
        await whole(place.blobs, "v1", blob.sha256)
