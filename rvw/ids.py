"""Identifiers: what they look like, and how one is made from time and randomness that the caller brings.

An id is a short string that sorts by creation time, is safe in a URL, a file name and a Redis key, and can be read to
somebody over the telephone: Crockford base 32 has no I, L, O or U.
"""

from rvw.clock import Instant

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in lower case."""

RANDOM_BYTES = 8
"""How much randomness `make_id` takes: 64 bits beside 48 bits of milliseconds."""

TICKET_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
"""Letters of a ticket code: none that is mistaken for a digit or, spoken, for another."""


def make_id(now: Instant, randomness: bytes) -> str:
    """Return a 23-character id: 10 characters of milliseconds since the epoch, 13 of `randomness`.

    Ids made in different milliseconds sort by time. `randomness` is exactly `RANDOM_BYTES` long; another length raises
    `ValueError`.
    """
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, not {len(randomness)}")
    return _base32(int(now * 1000), 10) + _base32(int.from_bytes(randomness), 13)


def made_at(id: str) -> Instant:
    """Return when an id of `make_id` was made, to the millisecond. Raises `ValueError` for another text."""
    number = 0
    for character in id[:10]:
        number = number * 32 + ALPHABET.index(character)
    return number / 1000


def ticket_code(serial: int) -> str:
    """Return the code a resident reads from the ticket for the `serial`-th visit of a day: a letter and three digits."""
    letter = TICKET_LETTERS[serial // 1000 % len(TICKET_LETTERS)]
    return f"{letter}{serial % 1000:03d}"


def _base32(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        characters.append(ALPHABET[rest])
    return "".join(reversed(characters))
