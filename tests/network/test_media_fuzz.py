"""Datagrams that nobody should send, by the hundred thousand: the core does not raise, answer strangers, or disturb others.

Mutations of `tests/unit/media/corpus`, from a seed: from strangers as they are, and from a peer who encrypts them well.
RVW_FUZZ_DATAGRAMS says how many (10,000,000 overnight), RVW_FUZZ_SEED where to begin.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pylibsrtp import Error

from rvw.protocol.media import Leave
from tests.unit.media.browser import START, Browser, bind, bound, make_worker

DATAGRAMS = int(os.environ.get("RVW_FUZZ_DATAGRAMS", "200000"))
SEED = int(os.environ.get("RVW_FUZZ_SEED", "1"))
CORPUS = Path(__file__).parent.parent / "unit" / "media" / "corpus"
LOOK_EVERY = 5_000


def corpus(name: str) -> list[bytes]:
    """Return the datagrams of one kind."""
    return [bytes.fromhex(line) for line in (CORPUS / f"{name}.hex").read_text().split()]


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change, cut, double or insert something."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(5):
            case 0:
                changed[at:] = b""
            case 1:
                changed[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 2:
                changed[at : at + 2] = chance.choice([b"\x00\x00", b"\xff\xff", b"\x7f\xff", b"\x80\x00"])
            case 3:
                changed += changed[at : at + 40]
            case _:
                if at < len(changed):
                    changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed[:1500])


def test_nothing_that_comes_from_the_network_does_harm() -> None:
    """The talk of two others goes on all the while."""
    chance = random.Random(SEED)
    worker = make_worker()
    # The check in the corpus was signed for the first connection of such a worker: here that one is gone.
    Browser(worker, "nobody", 40).join()
    worker.leave(Leave("nobody"))
    kiosk, officer, villain = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20), Browser(worker, "villain", 30)
    for browser in (kiosk, officer, villain):
        browser.connect()
    bind(worker, 1, bound("villain", "camera", "kiosk", "face1"), bound("villain", "mic", "officer", "voice1"))
    worker.output.take_datagrams()
    stranger = [it for name in ("stun", "dtls", "rtp", "rtcp") for it in corpus(name)]
    ways: list[tuple[list[bytes], Callable[[bytes, float], None]]] = [
        (stranger, lambda data, now: worker.receive(data, ("203.0.113.66", chance.randrange(1, 65_536)), now)),
        (stranger, lambda data, now: worker.receive(data, villain.address, now)),
        (_named(corpus("rtp"), villain), villain.send),
        (corpus("rtcp"), villain.send_rtcp),
    ]
    for number in range(DATAGRAMS):
        now = START + number * 0.001
        known, send = ways[number % len(ways)]
        with suppress(Error):  # the villain's own libsrtp refuses some
            send(mutate(chance.choice(known), chance), now)
        answers = worker.output.take_datagrams()
        assert number % len(ways) or not answers
        if worker.wake_at() <= now:
            worker.tick(now)
        if number % LOOK_EVERY == 0:
            assert kiosk.check(now)
            assert officer.check(now)
            assert villain.check(now)
            worker.output.take_notices()


def _named(packets: list[bytes], peer: Browser) -> list[bytes]:
    """Return the packets under the streams that the peer has offered: sound, picture and repeats by turns."""
    ssrcs = (peer.first_ssrc + 10, peer.first_ssrc, peer.first_ssrc + 11)
    return [it[:8] + ssrc.to_bytes(4) + it[12:] for it, ssrc in zip(packets, ssrcs, strict=True)]
