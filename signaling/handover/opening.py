"""Which case system the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rvw.settings import Handover
from signaling.handover.adapters.folder import Folder
from signaling.handover.adapters.http import open_http
from signaling.handover.port import CaseSystem


@asynccontextmanager
async def open_case_system(settings: Handover, data: Path) -> AsyncIterator[CaseSystem]:
    """Give the case system of the settings; its folder is `<data>/handover` unless one is named.

    Raises `InvalidSettings` if the address or the secret is missing.
    """
    if settings.adapter == "folder":
        yield Folder(Path(settings.folder) if settings.folder else data / "handover")
        return
    async with open_http(settings.url, settings.secret, settings.timeout_s) as case_system:
        yield case_system
