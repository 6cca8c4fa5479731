"""What goes over HTTP about papers: uploads, telephones by a one-time link, electronic licences, notices."""

from typing import Annotated

from msgspec import Meta, Struct

from rvw.clock import Instant
from rvw.domain.catalogue import Material
from rvw.domain.commands.papers import MaterialId, Title
from rvw.domain.events import Licence, PaperFile, Source
from rvw.protocol.rest import Session

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$", max_length=200)]


class UploadWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is to come, as its sender has hashed it."""

    ref: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{8,64}$")]
    """Random, and the same when the page asks again: it then goes on where it was."""
    sha256: Sha256
    bytes: Annotated[int, Meta(ge=1)]
    name: Annotated[str, Meta(max_length=255)]
    """What the file was called."""
    material: MaterialId
    title: Title = ""
    source: Source = "upload"
    page: Annotated[int, Meta(ge=0)] = 0
    """The page in whose place it comes; 0: it is a further one."""


class Upload(Struct, frozen=True, forbid_unknown_fields=True):
    """How far an upload is."""

    id: str
    offset: int
    """So many bytes have come: the next piece begins there."""
    piece: int
    """The most bytes of a piece."""
    page: int
    """The page that it has become; 0 while it is under way."""


class UploadAt(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a piece begins."""

    offset: Annotated[int, Meta(ge=0)]


class PhoneWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A one-time link for a telephone, under the address at which this page was opened."""

    origin: Origin


class PhoneLink(Struct, frozen=True, forbid_unknown_fields=True):
    """The link, shown once."""

    link: str
    url: str
    qr: str
    """A QR code of it, as a `data:` address."""
    until: Instant


class PhoneComes(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands after `#` in the link."""

    link: Annotated[str, Meta(max_length=200)]


class PhoneSession(Struct, frozen=True, forbid_unknown_fields=True):
    """The telephone may send pictures to this visit."""

    session: Session
    visit: str


class SendPage(Struct, frozen=True, forbid_unknown_fields=True):
    """A page that the telephone itself has sent."""

    id: int
    material: str
    title: str
    thumbnail: str


class SendNotice(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice of what is missing, to be taken along."""

    file: PaperFile
    at: Instant


class SendView(Struct, frozen=True, forbid_unknown_fields=True):
    """What a telephone is shown: what may be sent, what it has sent, what to take along. Nothing of anybody else's."""

    matter: str
    matter_en: str
    until: Instant
    materials: tuple[Material, ...]
    wanted: str
    """The material that is asked for now; empty for none."""
    pages: tuple[SendPage, ...]
    notices: tuple[SendNotice, ...]


class LicenceQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """For which material licences are looked up: of those whose identity the officer has confirmed."""

    material: MaterialId


class LicencesFound(Struct, frozen=True, forbid_unknown_fields=True):
    """What the library holds."""

    licences: tuple[Licence, ...]


class LicenceChosen(Struct, frozen=True, forbid_unknown_fields=True):
    """A licence that is to stand for a material."""

    material: MaterialId
    licence: Annotated[str, Meta(min_length=1, max_length=64)]


class NoticeWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice of what is missing, as the officer has seen it."""

    seen: Annotated[int, Meta(ge=0)]
    """The version of the papers on the officer's page."""
    note: Annotated[str, Meta(max_length=1000)] = ""
    """What is to be said besides."""


class NoticeMade(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice of what is missing, as PDF."""

    notice: int
    file: PaperFile
