"""SRTP and SRTCP (RFC 3711, RFC 7714) of one connection, by libsrtp.

pylibsrtp's `Session` copies each packet twice and checks types; here libsrtp works in place on one shared buffer. That is
sound because the core runs in one thread and no call keeps the buffer. The private seams this needs are named below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pylibsrtp
from pylibsrtp import Policy, _binding

MAX_DATAGRAM: Final = 2048
"""Nothing longer is encrypted or decrypted."""

WINDOW = 1024
"""Packets that may overtake each other (RFC 3711, section 3.3.2); repeats asked for upstream come late."""

_TRAILER = 16 + 4 + 16

Way: TypeAlias = Callable[[bytes], bytes | None]
"""Encrypts or decrypts one packet of one connection; `None` when libsrtp refuses it."""

_ffi: Final[Any] = _binding.ffi
_lib: Final[Any] = _binding.lib

PRIVATE_SEAMS = (
    "_binding.ffi",
    "_binding.lib.srtp_create",
    "_binding.lib.srtp_dealloc",
    "_binding.lib.srtp_protect",
    "_binding.lib.srtp_protect_rtcp",
    "_binding.lib.srtp_unprotect",
    "_binding.lib.srtp_unprotect_rtcp",
    "Policy()._policy",
)


def check_private_seams() -> None:
    """Raise `ImportError` naming every private part of pylibsrtp used here that this version does not have."""
    missing = [seam for seam in PRIVATE_SEAMS if not _reach(seam)]
    if missing:
        raise ImportError(f"pylibsrtp {pylibsrtp.__version__} has no {', '.join(missing)}: media.core.srtp needs them")


def _reach(seam: str) -> bool:
    place: Any = pylibsrtp
    for name in seam.split("."):
        place = getattr(place, name.removesuffix("()"), None)
        if name.endswith("()") and place is not None:
            place = place()
    return place is not None


check_private_seams()

_scratch: Final[Any] = _ffi.new("unsigned char[]", MAX_DATAGRAM + _TRAILER + 128)
_bytes: Final[Any] = _ffi.buffer(_scratch)
_length: Final[Any] = _ffi.new("int *")


@dataclass(frozen=True, slots=True)
class Profile:
    """A protection profile (RFC 5764, section 4.1.2): OpenSSL's name, libsrtp's number, bytes of key and salt."""

    name: bytes
    number: int
    key: int
    salt: int


PROFILES = (
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)
"""By preference: with AES-GCM a packet costs 3 µs, with HMAC-SHA1 16 µs."""


PROTECT: Final = int(_ffi.cast("intptr_t", _ffi.addressof(_lib, "srtp_protect")))
PROTECT_RTCP: Final = int(_ffi.cast("intptr_t", _ffi.addressof(_lib, "srtp_protect_rtcp")))
UNPROTECT: Final = int(_ffi.cast("intptr_t", _ffi.addressof(_lib, "srtp_unprotect")))
"""Where libsrtp's functions lie, for who calls them without Python."""


class Srtp:
    """Both directions of one connection. Streams are added as their SSRCs turn up."""

    __slots__ = ("_inbound", "_outbound", "_policies", "contexts", "protect", "protect_rtcp", "unprotect", "unprotect_rtcp")

    def __init__(self, profile: Profile, material: bytes) -> None:
        """Take the keys exported from DTLS for the server's end (RFC 5764, section 4.2): client's key, then ours."""
        key, salt = profile.key, profile.salt
        theirs = material[:key] + material[2 * key : 2 * key + salt]
        ours = material[key : 2 * key] + material[2 * key + salt :]
        inbound = Policy(theirs, Policy.SSRC_ANY_INBOUND, srtp_profile=profile.number)
        outbound = Policy(ours, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile.number)
        self._policies = (inbound, outbound)
        self._inbound = _context(inbound)
        self._outbound = _context(outbound)
        self.contexts = tuple(int(_ffi.cast("intptr_t", it[0])) for it in (self._inbound, self._outbound))
        """Where libsrtp's contexts lie: for receiving, for sending."""
        self.unprotect = _way(_lib.srtp_unprotect, self._inbound[0])
        """Return the RTP packet, or `None` for one that is forged, repeated or no RTP."""
        self.unprotect_rtcp = _way(_lib.srtp_unprotect_rtcp, self._inbound[0])
        """Return the RTCP packet, or `None` for one that is forged, repeated or no RTCP."""
        self.protect = _way(_lib.srtp_protect, self._outbound[0])
        """Return the SRTP packet, or `None` when libsrtp refuses it, as it does a number it has sent before."""
        self.protect_rtcp = _way(_lib.srtp_protect_rtcp, self._outbound[0])
        """Return the SRTCP packet, or `None` when libsrtp refuses it."""


def _context(policy: Policy) -> Any:
    policy.window_size = WINDOW
    context = _ffi.new("srtp_t *")
    # The policy's key lives in the policy object, which the caller keeps.
    if _lib.srtp_create(context, policy._policy):  # noqa: SLF001
        raise ValueError("libsrtp does not take these keys")
    return _ffi.gc(context, lambda it: _lib.srtp_dealloc(it[0]))


def _way(function: Any, context: Any) -> Way:
    """Return one of libsrtp's functions for one context. A closure: looking up attributes would cost as much as AES."""
    scratch, shared, length = _scratch, _bytes, _length

    def run(data: bytes) -> bytes | None:
        size = len(data)
        if size > MAX_DATAGRAM:
            return None
        shared[0:size] = data
        length[0] = size
        if function(context, scratch, length):
            return None
        return shared[0 : length[0]]  # type: ignore[no-any-return]

    return run
