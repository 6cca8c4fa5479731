"""What is kept of a visit's papers, by hash: who asks for anything else is asking for what is not there."""

from typing import Final

from msgspec import Struct

from rvw.domain import events as e
from rvw.domain.handover import MATERIAL, FileEntry
from rvw.domain.papers import Papers

ENDINGS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
PICTURE: Final = "image/jpeg"


class Shelved(Struct, frozen=True):
    """A kept file."""

    type: str
    name: str


def hashes(file: e.PaperFile) -> set[str]:
    """Return everything that is kept of a file."""
    return {file.sha256, *(one for picture in file.pictures for one in (picture.view, picture.thumbnail))}


def kept_hashes(papers: Papers) -> set[str]:
    """Return everything that is kept of a visit's papers as they are now."""
    files = [page.file for page in papers.pages] + [notice.file for notice in papers.notices]
    return {one for file in files for one in hashes(file)}


def shelf(papers: Papers) -> dict[str, Shelved]:
    """Return every file of the papers as they are now, with the pictures of its pages."""
    found: dict[str, Shelved] = {}
    for page in papers.pages:
        found |= _all_of(page.file, page.title or page.material)
    for notice in papers.notices:
        found |= _all_of(notice.file, f"notice-{notice.id}")
    return found


def on_phone(papers: Papers, phone: str) -> dict[str, Shelved]:
    """Return what a telephone may see: the thumbnails of its own pictures, and the notices."""
    own = {
        picture.thumbnail: Shelved(PICTURE, f"{page.id}.jpg")
        for page in papers.pages
        if page.by == phone
        for picture in page.file.pictures
    }
    for notice in papers.notices:
        own |= _all_of(notice.file, f"notice-{notice.id}")
    return own


def entries(papers: Papers) -> tuple[FileEntry, ...]:
    """Return what of the papers goes into the record, in the order in which it came."""
    pages = [_entry(page.file, page.title or page.material, MATERIAL, page.file.sent) for page in papers.pages]
    notices = [_entry(notice.file, f"notice-{notice.id}", "notice", "") for notice in papers.notices]
    return tuple([*pages, *notices])


def _entry(file: e.PaperFile, name: str, what: str, sent: str) -> FileEntry:
    ending = ENDINGS[file.type]
    return FileEntry(name=name + ending, sha256=file.sha256, bytes=file.bytes, type=file.type, what=what, sent=sent)


def _all_of(file: e.PaperFile, name: str) -> dict[str, Shelved]:
    found: dict[str, Shelved] = {}
    for number, picture in enumerate(file.pictures, 1):
        found[picture.view] = Shelved(PICTURE, f"{name}-{number}.jpg")
        found[picture.thumbnail] = Shelved(PICTURE, f"{name}-{number}-small.jpg")
    found[file.sha256] = Shelved(file.type, name + ENDINGS[file.type])
    return found
