"""A translation service over HTTP: `{"text", "from", "to"}` is posted with a bearer token, `{"text"}` comes back.

Redirects are not followed and proxies not used, so that words of a talk go to the address of the settings and nowhere else.
"""

from typing import Final
from urllib.parse import urlsplit

import httpx2
import msgspec
from msgspec import Struct

from rvw.domain.translation import Tongue
from rvw.errors import Unavailable

MAX_ANSWER_BYTES: Final = 16_384
"""The longest answer that is read: a line of chat has at most 1,000 characters."""


class _Asked(Struct, frozen=True, rename={"source": "from", "target": "to"}):
    text: str
    source: Tongue
    target: Tongue


class _Answer(Struct, frozen=True):
    text: str


class Http:
    """A translator at an address."""

    def __init__(self, client: httpx2.AsyncClient, url: str, token: str) -> None:
        self.name = urlsplit(url).hostname or url
        self._client = client
        self._url = url
        self._headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})

    async def translate(self, text: str, source: Tongue, target: Tongue) -> str:
        """Ask. Raises `Unavailable`, which holds no word of the line, for any answer but a translation."""
        body = msgspec.json.encode(_Asked(text, source, target))
        try:
            status, answer = await self._post(body)
        except httpx2.HTTPError as error:
            raise Unavailable(f"the translator does not answer: {type(error).__name__}") from error
        if status != 200:
            raise Unavailable(f"the translator answers {status}")
        try:
            return msgspec.json.decode(answer, type=_Answer).text
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("the translator's answer is none") from error

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        answer = b""
        async with self._client.stream("POST", self._url, content=body, headers=self._headers) as response:
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > MAX_ANSWER_BYTES:
                    raise Unavailable("the translator's answer is too long")
            return response.status_code, answer
