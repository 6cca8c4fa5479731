"""RTCP, read back by ourselves and by aiortc."""

import pytest
from aiortc import rtp as theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core import rtcp
from media.core.rtcp import Report, SenderInfo

REPORT = Report(ssrc=7, fraction=3, lost=-2, highest=70_000, jitter=11, last_report=5, delay=6)


def test_a_sender_report_is_read_by_others() -> None:
    """With the source description that must follow it."""
    data = rtcp.write_sender_report(SenderInfo(9, 1 << 40, 77), 5, 600, b"seat1")
    report, description = theirs.RtcpPacket.parse(data)
    assert isinstance(report, theirs.RtcpSrPacket)
    assert (report.ssrc, report.sender_info.ntp_timestamp, report.sender_info.rtp_timestamp) == (9, 1 << 40, 77)
    assert isinstance(description, theirs.RtcpSdesPacket)
    assert description.chunks[0].items == [(1, b"seat1")]
    assert rtcp.read_sender_info(next(rtcp.split(data))) == SenderInfo(9, 1 << 40, 77)


def test_a_receiver_report_comes_back() -> None:
    """Negative loss, too: more came than was expected."""
    data = rtcp.write_receiver_report(1, [REPORT, REPORT])
    assert list(rtcp.read_reports(next(rtcp.split(data)))) == [REPORT, REPORT]
    (parsed,) = theirs.RtcpPacket.parse(data)
    assert isinstance(parsed, theirs.RtcpRrPacket)
    assert parsed.reports[0].packets_lost == -2


@settings(max_examples=60)
@given(st.sets(st.integers(0, 400), min_size=1, max_size=60), st.sampled_from([0, 32_700, 65_400, 1 << 32]))
def test_a_nack_names_exactly_what_is_missing(offsets: set[int], start: int) -> None:
    """Across the wrap, and as aiortc reads it."""
    missing = [start + offset for offset in sorted(offsets)]
    data = rtcp.write_nack(1, 2, missing)
    expected = [number & 0xFFFF for number in missing]
    assert list(rtcp.read_nack(next(rtcp.split(data)))) == expected
    (parsed,) = theirs.RtcpPacket.parse(data)
    assert isinstance(parsed, theirs.RtcpRtpfbPacket)
    assert [number & 0xFFFF for number in parsed.lost] == expected


@pytest.mark.parametrize("bitrate", [0, 100_000, 262_143, 262_144, 2_500_000, 10**9])
def test_remb_comes_back(bitrate: int) -> None:
    """Up to the precision of its 18 bits."""
    data = rtcp.write_remb(1, bitrate, [2, 3])
    (block,) = rtcp.split(data)
    assert rtcp.read_remb(block) == pytest.approx(bitrate, rel=1e-4)
    assert theirs.unpack_remb_fci(block.body[8:])[1] == [2, 3]


def test_pli_and_fir_name_a_stream() -> None:
    """Both ask for a keyframe."""
    (pli,) = rtcp.split(rtcp.write_pli(1, 77))
    assert (pli.kind, pli.format, rtcp.read_media_ssrc(pli)) == (rtcp.PAYLOAD_FEEDBACK, rtcp.PLI, 77)
    fir = rtcp.pack(rtcp.PAYLOAD_FEEDBACK, rtcp.FIR, bytes(8) + (77).to_bytes(4) + bytes(4))
    assert list(rtcp.read_fir(next(rtcp.split(fir)))) == [77]


def test_what_is_cut_off_is_left_out() -> None:
    """A whole block before it still counts."""
    whole = rtcp.write_pli(1, 2)
    assert len(list(rtcp.split(whole + whole[:-1]))) == 1
    assert list(rtcp.split(b"\x40" + whole[1:])) == []
    (padded,) = rtcp.split(rtcp.pack(rtcp.PAYLOAD_FEEDBACK, 1, b"12345"))
    assert padded.body == b"12345"


@settings(max_examples=150)
@given(st.binary(max_size=80), st.sampled_from([200, 201, 205, 206]), st.integers(0, 31))
def test_no_body_makes_a_reader_raise(body: bytes, kind: int, form: int) -> None:
    """Garbage reads as nothing, or as something harmless."""
    for block in rtcp.split(rtcp.pack(kind, form, body)):
        rtcp.read_sender_info(block)
        list(rtcp.read_reports(block))
        list(rtcp.read_nack(block))
        list(rtcp.read_fir(block))
        rtcp.read_remb(block)
        rtcp.read_media_ssrc(block)
