"""Somebody who hands files in over HTTP, honestly or not."""

import hashlib
import secrets
from typing import Self, TypeVar

import httpx2
import msgspec
from msgspec import Struct

from rvw.domain.papers import Papers
from rvw.protocol import rest
from rvw.protocol.papers import Upload, UploadWanted

Answer = TypeVar("Answer")


class Refused(Exception):
    """The server has refused; `code` is its word."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Sender:
    """Sends files to one visit with one token."""

    def __init__(self, origin: str, token: str, visit: str) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{origin}/api/visits/{visit}", headers={"Authorization": f"Bearer {token}"}, timeout=120
        )

    async def papers(self) -> Papers:
        """Return the papers."""
        return await self._ask("GET", "/papers", Papers)

    async def file(self, sha256: str) -> httpx2.Response:
        """Fetch a file."""
        return await self._http.get(f"/files/{sha256}")

    async def read(self, path: str, answer: type[Answer]) -> Answer:
        """Read something of the visit."""
        return await self._ask("GET", path, answer)

    async def ask(self, path: str, wanted: Struct, answer: type[Answer]) -> Answer:
        """Ask for something about the visit."""
        return await self._ask("POST", path, answer, msgspec.json.encode(wanted))

    async def announce(self, data: bytes, **more: object) -> Upload:
        """Announce a file, truthfully unless told otherwise."""
        told = {"ref": secrets.token_hex(8), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        told |= {"name": "paper.jpg", "material": "identity-card", "title": "正面", "source": "camera"} | more
        wanted = msgspec.convert(told, UploadWanted)
        return await self._ask("POST", "/uploads", Upload, msgspec.json.encode(wanted))

    async def piece(self, upload: Upload, data: bytes) -> Upload:
        """Send the next piece."""
        part = data[upload.offset : upload.offset + upload.piece]
        return await self._ask("PUT", f"/uploads/{upload.id}?offset={upload.offset}", Upload, part)

    async def send(self, data: bytes, **more: object) -> Upload:
        """Hand a file in, to the end."""
        upload = await self.announce(data, **more)
        while not upload.page:
            upload = await self.piece(upload, data)
        return upload

    async def put(self, upload: Upload, offset: int, data: bytes) -> Upload:
        """Send any bytes to any place."""
        return await self._ask("PUT", f"/uploads/{upload.id}?offset={offset}", Upload, data)

    async def refusal(self, data: bytes, **more: object) -> str:
        """Hand in what is refused, and return the code."""
        try:
            await self.send(data, **more)
        except Refused as refused:
            return refused.code
        raise AssertionError("it was taken")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, answer: type[Answer], body: bytes | None = None) -> Answer:
        response = await self._http.request(method, path, content=body)
        if response.status_code == httpx2.codes.OK:
            return msgspec.json.decode(response.content, type=answer)
        problem = msgspec.json.decode(response.content, type=rest.Problem)
        raise Refused(problem.code, problem.text)
