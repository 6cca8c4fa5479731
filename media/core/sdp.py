"""The browser's offer (RFC 8866, RFC 8829), checked against `LAYOUT`.

aiortc parses; whatever it stumbles over becomes `InvalidOffer`. What is taken from an offer and written into the answer
(`media.core.answer`) is a number or matches a narrow pattern, so that no offer can smuggle lines into an answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiortc.sdp import MediaDescription, SessionDescription

from media.core.codecs import OPUS, VIDEO, Codec
from media.core.rtp import URIS, Extension
from rvw.errors import InvalidOffer
from rvw.protocol.media import LAYOUT, MAX_OFFER_BYTES, Slot

CLOCK_RATES = {"audio": 48_000, "video": 90_000}

LARGEST_EXTENSION_ID = 14
"""One-byte header extensions have ids of 1 to 14 (RFC 8285, section 4.2); a larger id is not answered."""

_STUMBLES = (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, StopIteration, OverflowError)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}", re.ASCII)
_MAX_SSRC = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Section:
    """One media section of an offer: the slot it is for and what was chosen from it. Numbers are 0 where absent."""

    slot: Slot
    mid: str
    codec: Codec
    payload_type: int
    rtx_type: int
    ssrc: int
    rtx_ssrc: int
    extensions: frozenset[Extension]


@dataclass(frozen=True, slots=True)
class Offer:
    """What this server needs of an offer."""

    sections: tuple[Section, ...]
    fingerprints: Mapping[str, str]
    extension_ids: Mapping[Extension, int]


def parse_offer(text: str, codecs: Sequence[str]) -> Offer:
    """Return what the offer says; `codecs` are the video codecs allowed, by preference.

    Raises `InvalidOffer` with a sentence on what is wrong, and nothing else, whatever the text.
    """
    if len(text) > MAX_OFFER_BYTES:
        raise InvalidOffer(f"the offer is longer than {MAX_OFFER_BYTES} bytes")
    try:
        description = SessionDescription.parse(text)
        return _read(description.media, codecs)
    except _STUMBLES as error:
        raise InvalidOffer("the offer is not SDP that can be understood") from error


def _read(media: list[MediaDescription], codecs: Sequence[str]) -> Offer:
    if len(media) != len(LAYOUT):
        raise InvalidOffer(f"the offer has {len(media)} media sections, not {len(LAYOUT)}")
    ids = _extension_ids(media)
    sections = tuple(_section(slot, described, codecs, ids) for slot, described in zip(LAYOUT, media, strict=True))
    if len({section.mid for section in sections}) != len(sections):
        raise InvalidOffer("two media sections of the offer have the same mid")
    first = media[0].dtls
    if first is None or first.role not in ("auto", "client"):
        raise InvalidOffer("the offer must leave the passive DTLS role to the server (a=setup:actpass)")
    fingerprints = {it.algorithm.lower(): it.value.upper() for it in first.fingerprints}
    if not fingerprints:
        raise InvalidOffer("the offer has no certificate fingerprint")
    return Offer(sections, fingerprints, ids)


def _section(slot: Slot, media: MediaDescription, codecs: Sequence[str], ids: Mapping[Extension, int]) -> Section:
    direction = "sendonly" if slot.direction == "out" else "recvonly"
    where = f"the media section of the {slot.direction}-slot {slot.name}"
    if media.kind != slot.kind or media.direction != direction:
        raise InvalidOffer(f"{where} must be {slot.kind} and {direction}, not {media.kind} and {media.direction}")
    if not _TOKEN.fullmatch(media.rtp.muxId or ""):
        raise InvalidOffer(f"{where} has no usable mid")
    names = ("opus",) if slot.kind == "audio" else tuple(codecs)
    chosen = _codec(media, [OPUS] if slot.kind == "audio" else [VIDEO[name] for name in names])
    if chosen is None:
        raise InvalidOffer(f"{where} offers none of the codecs {', '.join(names)} in a profile that everybody can show")
    codec, payload_type = chosen
    ssrc, rtx_ssrc = _sources(media)
    offered = frozenset(extension for extension in ids if ids[extension] in _ids_of(media, extension))
    return Section(slot, media.rtp.muxId, codec, payload_type, _rtx(media, payload_type), ssrc, rtx_ssrc, offered)


def _codec(media: MediaDescription, codecs: Sequence[Codec]) -> tuple[Codec, int] | None:
    rate = CLOCK_RATES[media.kind]
    for codec in codecs:
        kind = f"{media.kind}/{codec.name.split('/')[0]}".lower()
        for offered in media.rtp.codecs:
            if offered.mimeType.lower() == kind and offered.clockRate == rate and codec.fits(offered.parameters):
                return codec, _payload_type(offered)
    return None


def _rtx(media: MediaDescription, payload_type: int) -> int:
    for codec in media.rtp.codecs:
        if codec.mimeType.lower() == "video/rtx" and codec.parameters.get("apt") == payload_type:
            return _payload_type(codec)
    return 0


def _payload_type(codec: Any) -> int:
    if not 0 < codec.payloadType < 128:
        raise InvalidOffer("a payload type of the offer is not between 1 and 127")
    return int(codec.payloadType)


def _sources(media: MediaDescription) -> tuple[int, int]:
    for group in media.ssrc_group:
        if group.semantic == "FID" and len(group.items) == 2:
            return int(group.items[0]) & _MAX_SSRC, int(group.items[1]) & _MAX_SSRC
    return (media.ssrc[0].ssrc & _MAX_SSRC, 0) if media.ssrc else (0, 0)


def _extension_ids(media: list[MediaDescription]) -> dict[Extension, int]:
    ids: dict[Extension, int] = {}
    for described in media:
        for header in described.rtp.headerExtensions:
            extension = URIS.get(header.uri)
            if extension is None or not 1 <= header.id <= LARGEST_EXTENSION_ID:
                continue
            if ids.setdefault(extension, header.id) != header.id:
                raise InvalidOffer("a header extension of the offer has two ids")
    if len(set(ids.values())) != len(ids):
        raise InvalidOffer("two header extensions of the offer have the same id")
    return ids


def _ids_of(media: MediaDescription, extension: Extension) -> set[int]:
    return {header.id for header in media.rtp.headerExtensions if URIS.get(header.uri) is extension}
