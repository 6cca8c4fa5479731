"""Offers are checked against the layout; answers are ours, line by line."""

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.answer import Assignment, Endpoint, write_answer
from media.core.rtp import Extension
from media.core.sdp import parse_offer
from rvw.errors import InvalidOffer
from rvw.protocol.media import LAYOUT, MAX_OFFER_BYTES
from tests.unit.media.browser import OPUS, RTX, VP8, offer_text

OFFER = offer_text()


def answer(text: str = OFFER) -> str:
    offer = parse_offer(text, ("VP8",))
    slots = [section.slot for section in offer.sections if section.slot.direction == "in"]
    numbers = {
        slot.name: Assignment(10 * at, 10 * at + 1 if slot.kind == "video" else 0) for at, slot in enumerate(slots, 9)
    }
    return write_answer(
        offer, Endpoint(1, "u" * 12, "p" * 24, "AB:CD", [("192.0.2.1", 4000), ("::1", 4000)]), numbers, 2_000_000
    )


def test_reads_what_is_needed() -> None:
    """Codecs, sources and extension ids of each slot."""
    offer = parse_offer(OFFER, ("VP8",))
    mic, camera, share, voice = offer.sections[:4]
    assert (mic.payload_type, mic.rtx_type, mic.ssrc, mic.rtx_ssrc) == (OPUS, 0, 1000, 0)
    assert (camera.payload_type, camera.rtx_type, camera.ssrc, camera.rtx_ssrc) == (VP8, RTX, 1010, 1011)
    assert (share.slot.name, voice.slot.name, voice.ssrc) == ("share", "voice1", 0)
    assert offer.extension_ids[Extension.AUDIO_LEVEL] == 1


def test_the_answer_mirrors_the_offer() -> None:
    """Eighteen sections, turned round, bundled, with our SSRCs in the in-slots: the picture's own before its repeats'."""
    parsed = SessionDescription.parse(answer())
    assert [media.direction for media in parsed.media] == [
        "recvonly" if slot.direction == "out" else "sendonly" for slot in LAYOUT
    ]
    assert parsed.group[0].items == [str(number) for number in range(len(LAYOUT))]
    face = parsed.media[10]
    assert face.ssrc_group[0].items == [face.ssrc[0].ssrc, face.ssrc[1].ssrc]
    assert {source.cname for source in (*face.ssrc, *parsed.media[3].ssrc)} == {"seat1"}
    assert face.dtls is not None
    assert face.dtls.role == "server"
    assert [candidate.ip for candidate in face.ice_candidates] == ["192.0.2.1", "::1"]
    assert "a=ice-lite\r\n" in answer()


def test_pictures_come_upright() -> None:
    """A telephone is held upright: nobody offers to turn its pictures, so its browser turns them (RFC 7742, section 4)."""
    assert "urn:3gpp:video-orientation" in OFFER
    assert "urn:3gpp:video-orientation" not in answer()


def test_feedback_and_extensions_of_the_answer() -> None:
    """Publishers get transport-wide feedback; receivers estimate by themselves; sound is repeated when lost."""
    _, mic, camera, _, voice, *rest = answer().split("m=")
    face = rest[6]
    assert "a=rtcp-fb:111 nack\r\n" in mic
    assert "a=rtcp-fb:111 nack\r\n" in voice
    assert all("transport-cc" in out for out in (mic, camera))
    assert not any("transport" in into for into in (voice, face))
    assert all(line in face for line in ("goog-remb", "nack pli", "ccm fir", "rtx/90000"))
    assert "sdes:mid" in camera
    assert "sdes:mid" not in face
    assert "b=TIAS:2000000\r\n" in camera
    assert "useinbandfec=1" in mic


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=sendonly", "a=sendrecv"),
        ("a=setup:actpass", "a=setup:passive"),
        ("VP8/90000", "VP9/90000"),
        ("opus/48000", "PCMU/8000"),
        ("a=mid:3\r\n", "a=mid:2\r\n"),
        ("a=mid:3\r\n", "a=mid:3 a=evil\r\n"),
        ("a=mid:3\r\n", ""),
        ("a=extmap:3 ", "a=extmap:4 "),
        ("fingerprint:sha-256", "fingerprnt:sha-256"),
        ("m=audio 9", "m=video 9"),
        ("m=", "m"),
        ("a=fingerprint:sha-256 ", "a=fingerprint:"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF 300"),
        ("a=rtpmap:96", "a=rtpmap:9999"),
        (OFFER, ""),
        (OFFER, "v=0\r\n"),
        (OFFER, "x" * (MAX_OFFER_BYTES + 1)),
    ],
)
def test_refuses_what_it_does_not_answer(old: str, new: str) -> None:
    """Each with a sentence."""
    assert old in OFFER
    with pytest.raises(InvalidOffer, match=r"\w+ \w+ \w+"):
        parse_offer(OFFER.replace(old, new), ("VP8",))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(OFFER) - 1), st.integers(0, 12), st.text(max_size=6)), min_size=1, max_size=6))
def test_no_mutation_raises_anything_else(changes: list[tuple[int, int, str]]) -> None:
    """Or smuggles a line into the answer."""
    text = OFFER
    for at, cut, new in changes:
        text = text[:at] + new + text[at + cut :]
    try:
        lines = answer(text).split("\r\n")
    except InvalidOffer:
        return
    assert len(lines) <= len(answer().split("\r\n"))
    assert all(line == "" or line[1] == "=" for line in lines)
