"""ICE-lite (RFC 8445, section 2.5): we never ask, we only answer connectivity checks (STUN, RFC 8489).

A check counts when it names a connection of ours and is signed with that connection's password. Everything else is
dropped without a word, so that nobody can use this port to reflect or amplify.
"""

import struct

from aioice import stun

from media.core.io import Address, Entropy

UFRAG_BYTES = 9
PASSWORD_BYTES = 18
"""72 and 144 random bits, as 12 and 24 characters; RFC 8445, section 5.3 wants at least 24 and 128."""

_LONGEST_CHECK = 512
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def token(randomness: bytes) -> str:
    """Return `randomness` in the characters that ICE allows (RFC 8839, section 5.4); its length is a multiple of 3."""
    number = int.from_bytes(randomness)
    return "".join(_ALPHABET[number >> shift & 63] for shift in range(0, 8 * len(randomness), 6))


def credentials(entropy: Entropy) -> tuple[str, str]:
    """Return a fresh user name fragment and password."""
    return token(entropy(UFRAG_BYTES)), token(entropy(PASSWORD_BYTES))


class Check:
    """A connectivity check, not yet believed."""

    __slots__ = ("_message", "ufrag")

    def __init__(self, message: stun.Message) -> None:
        self._message = message
        self.ufrag: str = message.attributes["USERNAME"].partition(":")[0]
        """Our half of the user name: which connection is meant."""

    @property
    def nominates(self) -> bool:
        """Whether the browser has chosen this path (RFC 8445, section 7.3.1.5)."""
        return "USE-CANDIDATE" in self._message.attributes

    def answer(self, password: str, address: Address) -> bytes | None:
        """Return the response to send to `address`, or `None` when the check is not signed with `password`."""
        key = password.encode()
        if not self._message.check_message_integrity(key):
            return None
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, self._message.transaction_id)
        # A socket for both kinds shows an IPv4 address as a mapped one (RFC 4291, section 2.5.5.2); the browser has IPv4.
        response.attributes["XOR-MAPPED-ADDRESS"] = (address[0].removeprefix("::ffff:"), address[1])
        response.add_message_integrity(key)
        return bytes(response)


def read(datagram: bytes) -> Check | None:
    """Return the check in `datagram`, or `None` for anything else. Never raises."""
    if not 20 <= len(datagram) <= _LONGEST_CHECK:
        return None
    try:
        message = stun.parse_message(datagram)
    except (ValueError, struct.error, IndexError, KeyError, TypeError):
        return None
    binding = message.message_method is stun.Method.BINDING and message.message_class is stun.Class.REQUEST
    # Checks carry both (RFC 8445, section 7.1); what follows the signature is unsigned but for the fingerprint.
    whole = "USERNAME" in message.attributes and "FINGERPRINT" in message.attributes
    return Check(message) if binding and whole else None
