"""Translation of lines of chat: the port, what stands behind it, and the choice between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2

from rvw.domain.catalogue import Catalogue
from rvw.errors import InvalidSettings
from rvw.settings import Translation
from signaling.translation.adapters.http import Http
from signaling.translation.adapters.phrases import Phrases
from signaling.translation.port import Translator

__all__ = ["Translator", "open_translator"]


@asynccontextmanager
async def open_translator(settings: Translation, catalogue: Callable[[], Catalogue]) -> AsyncIterator[Translator | None]:
    """Give the translator of the settings; `None` while translation is off. Raises `InvalidSettings` for a bad address."""
    match settings.adapter:
        case "phrases":
            yield Phrases(catalogue)
        case "http":
            if not settings.url.startswith(("http://", "https://")):
                raise InvalidSettings("translation.url is not the address of a translator")
            patience = settings.timeout_s
            async with httpx2.AsyncClient(timeout=patience, follow_redirects=False, trust_env=False) as client:
                yield Http(client, settings.url, settings.token)
        case _:
            yield None
