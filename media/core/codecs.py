"""The codecs that can be answered: what to choose from an offer, what to write in the answer, how to read a packet.

Of each there is one profile, that which every browser with the codec can decode: any face may appear in any slot.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from media.core import av1, h264, rows, vp8, vp9
from media.core.rtp import Packet


class Codec(NamedTuple):
    """One codec with one profile."""

    name: str
    """As in SDP, with clock rate and channels."""
    parameters: str
    """Of the answer's `a=fmtp`."""
    fits: Callable[[Mapping[str, Any]], bool]
    """Whether an offered payload type with these parameters is this profile."""
    describe: Callable[[Packet], None]
    """Reads the keyframe and the counters of a packet."""
    number: int = 0
    """As rows name it, for the compiled walk; 0 for sound."""


def _any(_: Mapping[str, Any]) -> bool:
    return True


def _baseline(parameters: Mapping[str, Any]) -> bool:
    """Constrained Baseline (RFC 6184, section 8.1), packets aggregated and cut. The level is the receiver's own matter."""
    profile = str(parameters.get("profile-level-id", ""))
    return str(parameters.get("packetization-mode")) == "1" and profile.lower().startswith("42e0")


def _profile_0(parameter: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda parameters: str(parameters.get(parameter, 0)) == "0"


def _nothing(_: Packet) -> None:
    pass


OPUS = Codec("opus/48000/2", "minptime=10;useinbandfec=1", _any, _nothing)

VIDEO: Mapping[str, Codec] = {
    "VP8": Codec("VP8/90000", "", _any, vp8.describe, rows.VP8),
    "H264": Codec(
        "H264/90000",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        _baseline,
        h264.describe,
        rows.H264,
    ),
    "VP9": Codec("VP9/90000", "profile-id=0", _profile_0("profile-id"), vp9.describe, rows.VP9),
    "AV1": Codec("AV1/90000", "level-idx=5;profile=0;tier=0", _profile_0("profile"), av1.describe, rows.AV1),
}
"""By the name in `media.codecs`."""
