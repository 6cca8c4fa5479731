"""The ways that the settings name, and the choice between them for each parcel."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from rvw.domain.catalogue import Catalogue, rules_of
from rvw.errors import InvalidSettings, NotFound
from rvw.settings import Handover
from signaling.handover.adapters.folder import Folder
from signaling.handover.adapters.http import open_http
from signaling.handover.port import CaseSystem, Parcel, Temporary

MIN_TOKEN = 32
"""The fewest characters of the token for fetching."""


class ByAdapter:
    """Several case systems as one: each parcel says which way it goes."""

    def __init__(self, ways: Mapping[str, CaseSystem]) -> None:
        self._ways = ways

    async def deliver(self, parcel: Parcel) -> str:
        """Hand the parcel over. Raises `Temporary` while its way is not set up: somebody may do so."""
        if (way := self._ways.get(parcel.adapter)) is None:
            raise Temporary(f"the way {parcel.adapter} is not set up: see [handover] in the settings")
        return await way.deliver(parcel)


@asynccontextmanager
async def open_case_system(settings: Handover, data: Path) -> AsyncIterator[CaseSystem]:
    """Give the case systems of the settings; the folder is `<data>/handover` unless one is named.

    Raises `InvalidSettings` if the address or the secret of the way that is chosen is missing.
    """
    if settings.adapter == "pull" and len(settings.pull_token) < MIN_TOKEN:
        raise InvalidSettings(f"handover.pull_token needs at least {MIN_TOKEN} characters")
    async with AsyncExitStack() as opened:
        ways: dict[str, CaseSystem] = {"folder": Folder(folder_of(settings, data))}
        if settings.url or settings.adapter == "http":
            ways["http"] = await opened.enter_async_context(open_http(settings.url, settings.secret, settings.timeout_s))
        yield ByAdapter(ways)


def folder_of(settings: Handover, data: Path) -> Path:
    """Return where records lie that go into a folder."""
    return Path(settings.folder) if settings.folder else data / "handover"


def way_of(catalogue: Catalogue, matter: str, settings: Handover) -> str:
    """Return the way that records of a matter go: the one of its rule pack, else the one of the settings."""
    try:
        return rules_of(catalogue, matter).handover or settings.adapter
    except NotFound:
        return settings.adapter
