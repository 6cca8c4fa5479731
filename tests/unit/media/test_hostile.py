"""Nothing that comes from the network makes the core raise, answer a stranger, or disturb another peer."""

import functools
from contextlib import suppress

from aioice import stun
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Error

from media.core import ice
from media.core.peer import MOST_STREAMS
from media.core.transport import MOST_ADDRESSES
from media.core.worker import Worker
from tests.unit.media.browser import OPUS, START, Browser, bind, bound, deliver, make_worker, packet, picture

few = settings(max_examples=120, deadline=None)


@functools.cache
def stage() -> tuple[Worker, Browser, Browser, Browser]:
    """Two peers bound to each other, and a third who misbehaves; made once, for examples do not depend on it."""
    worker = make_worker()
    kiosk, officer, villain = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20), Browser(worker, "villain", 30)
    for browser in (kiosk, officer, villain):
        browser.connect()
    bind(worker, 1, bound("villain", "camera", "kiosk", "face1"), bound("villain", "mic", "officer", "voice1"))
    deliver(worker, kiosk, officer, villain)
    return worker, kiosk, officer, villain


def undisturbed() -> None:
    worker, kiosk, officer, _ = stage()
    worker.output.take_datagrams()
    for browser in (kiosk, officer):
        assert browser.check(START)


@few
@given(st.binary(max_size=120))
def test_strangers_get_no_answer(data: bytes) -> None:
    """Whatever they send."""
    worker, *_ = stage()
    worker.receive(data, ("203.0.113.66", 666), START)
    assert worker.output.take_datagrams() == []


@few
@given(st.integers(0, 200), st.integers(0, 255), st.integers(0, 40))
def test_broken_checks_get_no_answer(at: int, value: int, cut: int) -> None:
    """A signed check with one byte changed before the fingerprint, or its end cut off, is none."""
    worker, kiosk, *_ = stage()
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"0123456789ab")
    message.attributes["USERNAME"] = f"{kiosk.ufrag}:theirs"
    message.add_message_integrity(kiosk.password.encode())
    whole = bytes(message)
    data = bytearray(whole)
    data[at % (len(data) - 8)] = value
    broken = bytes(data[: len(data) - cut])
    if broken == whole:
        return
    worker.receive(broken, ("203.0.113.66", 666), START)
    assert worker.output.take_datagrams() == []


@few
@given(st.binary(max_size=60), st.integers(0, 0xFFFF))
def test_no_stun_attribute_makes_reading_raise(value: bytes, kind: int) -> None:
    """Wrong lengths, wrong families, text that is none."""
    padded = value + bytes(-len(value) % 4)
    body = kind.to_bytes(2) + len(value).to_bytes(2) + padded
    ice.read(b"\x00\x01" + len(body).to_bytes(2) + b"\x21\x12\xa4\x42" + bytes(12) + body)


@few
@given(st.binary(min_size=1, max_size=300), st.sampled_from([0, 20, 22, 63, 128, 144, 191, 200, 255]))
def test_garbage_from_a_known_address_disturbs_nobody(data: bytes, first: int) -> None:
    """DTLS, RTP or anything else that does not decrypt."""
    worker, _, _, villain = stage()
    worker.receive(bytes((first,)) + data, villain.address, START)
    undisturbed()


@few
@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 255))
def test_garbage_that_is_well_encrypted_disturbs_nobody(payload: bytes, first: int, second: int) -> None:
    """A peer may encrypt what it likes: any header, any extensions, any payload."""
    worker, kiosk, officer, villain = stage()
    for ssrc in (villain.first_ssrc, villain.first_ssrc + 10, villain.first_ssrc + 11):
        head = bytes((0x80 | first & 0x3F, second & 0x7F)) + b"\x00\x01" + bytes(4) + ssrc.to_bytes(4)
        # The sending libsrtp refuses some of it, which is not what is tested here.
        with suppress(Error):
            villain.send(head + payload, START)
    for sequence in (first, second):
        villain.send(packet(villain.first_ssrc, sequence, 7, payload, OPUS), START)
        villain.send(packet(villain.first_ssrc + 10, sequence, 7, picture(first, key=True)[:4] + payload), START)
    deliver(worker, kiosk, officer)
    undisturbed()


@few
@given(st.binary(max_size=200), st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207]), st.integers(0, 31))
def test_garbage_reports_disturb_nobody(body: bytes, kind: int, form: int) -> None:
    """Any type, any format, any body, about streams that exist."""
    worker, kiosk, _, villain = stage()
    ssrc = (villain.ssrc(10)).to_bytes(4)
    data = body + bytes(-len(body) % 4)
    compound = bytes((0x80 | form, kind)) + (len(data) // 4 + 2).to_bytes(2) + ssrc + ssrc + data
    villain.send_rtcp(compound, START)
    worker.tick(START)
    deliver(worker, kiosk)
    undisturbed()


def test_no_answer_is_longer_than_its_question() -> None:
    """Before a path has been proven nothing is sent; the proof itself is answered with fewer bytes than it had."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 40)
    kiosk.join()
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"0123456789ab")
    message.attributes["USERNAME"] = f"{kiosk.ufrag}:theirs"
    message.add_message_integrity(kiosk.password.encode())
    for address in (("198.51.100.7", 40), ("2001:db8::1", 40, 0, 0)):
        worker.receive(bytes(message), address, START)
        answers = [data for data, _ in worker.output.take_datagrams()]
        assert len(answers) == 1
        assert len(answers[0]) <= len(bytes(message))
    hello = bytes.fromhex("16fefd0000000000000000") + (200).to_bytes(2) + bytes(200)
    worker.receive(hello, ("203.0.113.66", 666), START)
    assert worker.output.take_datagrams() == []


def test_tables_are_bounded_whatever_comes() -> None:
    """Addresses of one connection, streams of one connection, and strangers, who get no entry at all."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 50)
    kiosk.connect()
    for port in range(1000, 1100):
        kiosk.check(START, address=("203.0.113.66", port))
        worker.receive(b"\x80\x60" + bytes(30), ("203.0.113.67", port), START)
    assert len(worker.routes) <= MOST_ADDRESSES
    for ssrc in range(2000, 2200):
        kiosk.send(packet(ssrc, 1, 1, bytes(20)), START)
    assert len(worker._peers["kiosk"]._streams) <= MOST_STREAMS
