"""Hand-over over HTTP: a CloudEvent in structured JSON, signed as a Standard Webhook.

A dossier, or the certificate of its deletion, is embedded byte for byte as it is kept, so that a receiver can compare its
SHA-256 with `dossiersha256`;
the CloudEvents library would write it anew, which is why the envelope is made here and only checked with the library.
The receiver answers 2xx with `{"receipt": "…"}`. Redirects are not followed and proxies not used.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import httpx2
import msgspec
from msgspec import Struct

from rvw.clock import Clock, Seconds
from rvw.errors import InvalidSettings
from signaling.handover.kinds import EventType, schema_of
from signaling.handover.port import Parcel, Rejected, Temporary, checked_receipt
from signaling.handover.signature import webhook

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"

MAX_ANSWER_BYTES: Final = 65_536
"""The longest answer that is read."""

_NEVER: Final = frozenset({400, 413, 415, 422})
"""The statuses (RFC 9110, section 15.5) that speak of the record itself. All others may pass: a wrong secret (401) or
path (404) is put right by somebody, and then everything that waited goes through."""


class Envelope(Struct, frozen=True, kw_only=True):
    """A CloudEvent 1.0 in JSON (section 3 of its JSON format), with our extensions."""

    specversion: str
    id: str
    source: str
    type: EventType
    time: str
    subject: str
    datacontenttype: str
    dataschema: str
    matter: str
    region: str
    dossiernumber: int
    dossiersha256: str
    data: msgspec.Raw


class _Answer(Struct, frozen=True):
    receipt: str


def envelope(parcel: Parcel) -> bytes:
    """Return the CloudEvent of a parcel, always the same bytes."""
    closed_at = datetime.fromtimestamp(parcel.closed_at, UTC).isoformat(timespec="milliseconds")
    return msgspec.json.encode(
        Envelope(
            specversion="1.0",
            id=parcel.key,
            source=f"/rvw/{parcel.authority}",
            type=parcel.type,
            time=closed_at.replace("+00:00", "Z"),
            subject=parcel.visit,
            datacontenttype="application/json",
            dataschema=schema_of(parcel.type),
            matter=parcel.matter,
            region=parcel.region,
            dossiernumber=parcel.number,
            dossiersha256=parcel.sha256,
            data=msgspec.Raw(parcel.content),
        )
    )


class Http:
    """A case system that is reached over HTTP."""

    def __init__(self, client: httpx2.AsyncClient, url: str, secret: str, clock: Clock = time.time) -> None:
        """Raises `InvalidSettings` if the secret cannot be one."""
        self._client = client
        self._url = url
        self._webhook = webhook(secret)
        self._clock = clock

    async def deliver(self, parcel: Parcel) -> str:
        """Post the parcel and return the receipt. Raises `Temporary` or `Rejected`; neither holds text of the answer."""
        body = envelope(parcel)
        try:
            status, answer = await self._post(body, self._headers(parcel.key, body))
        except httpx2.HTTPError as error:
            raise Temporary(f"no answer: {type(error).__name__}") from error
        if status in _NEVER:
            raise Rejected(f"the case system refuses the record: status {status}")
        if not 200 <= status < 300:
            raise Temporary(f"status {status}")
        return _receipt(answer)

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        now = datetime.fromtimestamp(self._clock(), UTC)
        return {
            "content-type": CONTENT_TYPE,
            "idempotency-key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(key, now, body.decode()),
        }

    async def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        answer = b""
        async with self._client.stream("POST", self._url, content=body, headers=headers) as response:
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > MAX_ANSWER_BYTES:
                    raise Temporary("the answer is too long")
            return response.status_code, answer


@asynccontextmanager
async def open_http(url: str, secret: str, timeout_s: Seconds, clock: Clock = time.time) -> AsyncIterator[Http]:
    """Give the case system at `url`, with connections that are kept open. Raises `InvalidSettings`."""
    if not url.startswith(("http://", "https://")):
        raise InvalidSettings("handover.url is not the address of a case system")
    async with httpx2.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False) as client:
        yield Http(client, url, secret, clock)


def _receipt(answer: bytes) -> str:
    try:
        receipt = msgspec.json.decode(answer, type=_Answer).receipt
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Temporary("the answer holds no receipt") from error
    return checked_receipt(receipt)
