"""RTP headers and their extensions."""

from media.core.rtp import Extension, ExtensionWriter, meanings, parse, write_header
from tests.unit.media.browser import VP8, packet

IDS = {Extension.MID: 4, Extension.TRANSPORT_SEQUENCE: 3, Extension.ABS_SEND_TIME: 2, Extension.AUDIO_LEVEL: 1}
KNOWN = meanings(IDS)


def test_reads_what_forwarding_needs() -> None:
    """Every extension is found by its meaning, in any order, with padding between."""
    data = packet(7, 65_535, 9, b"payload", marker=1, extensions=((3, b"\x12\x34"), (4, b"m1"), (1, b"\x8f"), (9, b"??")))
    read = parse(data, KNOWN)
    assert read is not None
    assert (read.ssrc, read.sequence, read.timestamp, read.payload, read.payload_type) == (7, 65_535, 9, b"payload", VP8)
    assert (read.transport_sequence, read.mid, read.audio_level, read.send_time) == (0x1234, b"m1", 0x8F, -1)
    assert read.marker


def test_ids_differ_by_offer() -> None:
    """The same bytes mean something else in another connection."""
    data = packet(7, 1, 9, b"x", extensions=((3, b"\x12\x34"),))
    other = parse(data, meanings({Extension.AUDIO_LEVEL: 3, Extension.TRANSPORT_SEQUENCE: 5}))
    assert other is not None
    assert other.transport_sequence == -1


def test_reads_two_byte_extensions() -> None:
    """`extmap-allow-mixed`: the other layout says the same (RFC 8285, section 4.3)."""
    block = b"\x03\x02\x12\x34\x00\x04\x02m1\x00\x00\x00"
    data = b"\x90\x60" + bytes(10) + b"\x10\x00\x00\x03" + block + b"payload"
    read = parse(data, KNOWN)
    assert read is not None
    assert (read.transport_sequence, read.mid, read.payload) == (0x1234, b"m1", b"payload")


def test_leaves_contributing_sources_and_padding_out() -> None:
    """Neither is passed on."""
    data = b"\xa2\x60" + bytes(10) + bytes(8) + b"payload" + b"\x00\x00\x03"
    read = parse(data, KNOWN)
    assert read is not None
    assert read.payload == b"payload"


def test_refuses_what_is_no_rtp() -> None:
    """Too short, another version, a block beyond the end, padding beyond the start."""
    for data in (b"", b"\x80" * 11, b"\x40" + bytes(20), b"\x9f" + bytes(11), b"\x90" + bytes(11) + b"\xbe\xde\xff\xff",
                 b"\xa0" + bytes(11), b"\xa0" + bytes(11) + b"\x09", b"\x80" * 3000):  # fmt: skip
        assert parse(data, KNOWN) is None


def test_a_truncated_extension_is_left_out() -> None:
    """Its length reaches beyond the block: the rest of the packet still counts."""
    data = b"\x90\x60" + bytes(10) + b"\xbe\xde\x00\x01" + b"\x3f\x00\x00\x00" + b"payload"
    read = parse(data, KNOWN)
    assert read is not None
    assert (read.transport_sequence, read.payload) == (-1, b"payload")


def test_writes_with_the_receivers_ids() -> None:
    """A receiver with other ids reads the same level and a fresh sending time; mid and transport number are gone."""
    read = parse(packet(7, 1, 9, b"x", extensions=((3, b"\x12\x34"), (4, b"m1"), (1, b"\x8f"))), KNOWN)
    assert read is not None
    theirs = {Extension.ABS_SEND_TIME: 9, Extension.AUDIO_LEVEL: 14, Extension.MID: 1, Extension.TRANSPORT_SEQUENCE: 2}
    data = write_header(111, 0x80, 70_000, 1 << 33, 8) + ExtensionWriter(theirs).write(read, 64.0 * 5 + 1.5) + b"x"
    again = parse(data, meanings(theirs))
    assert again is not None
    assert (again.audio_level, again.send_time, again.mid, again.transport_sequence) == (0x8F, 3 << 17, b"", -1)
    assert (again.sequence, again.timestamp, again.payload, again.marker) == (70_000 - 65_536, 0, b"x", 0x80)


def test_leaves_out_what_the_receiver_did_not_offer() -> None:
    """An id of 0 would be padding."""
    read = parse(packet(7, 1, 9, b"x", extensions=((1, b"\x8f"),)), KNOWN)
    assert read is not None
    again = parse(write_header(111, 0, 1, 2, 3) + ExtensionWriter({}).write(read, 1.0) + b"x", KNOWN)
    assert again is not None
    assert (again.audio_level, again.send_time, again.payload) == (-1, -1, b"x")


def test_restores_a_repeated_packet() -> None:
    """The first two bytes are its old number; padding in the repeat stream restores nothing."""
    repeat = parse(packet(7, 1, 9, b"\x00\x05payload"), KNOWN)
    assert repeat is not None
    assert repeat.restore()
    assert (repeat.sequence, repeat.payload) == (5, b"payload")
    for payload in (b"", b"\x00\x05"):
        probe = parse(packet(7, 1, 9, payload), KNOWN)
        assert probe is not None
        assert not probe.restore()
