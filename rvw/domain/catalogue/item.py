"""实施编码, the 31 characters by which the national platform names a matter as one organisation carries it out.

The organisation's unified social credit code (18 characters, GB 32100-2015), one character for the type, and the
12-digit basic code of the matter, which is the same in the whole country. It is kept as given, never made here.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals but I, O, S, V, Z: GB 32100-2015, section 4."""

ORGANISATION, LENGTH = 18, 31


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """A matter as one organisation carries it out."""

    code: str
    """实施编码, as given."""
    matter: str
    organisation: str = ""
    """The organisation's name, for people."""


def fault(item: str) -> str:
    """Return what is wrong with the form of an 实施编码, as a sentence; empty when nothing is."""
    if len(item) != LENGTH:
        return f"{item} has {len(item)} characters; an 实施编码 has {LENGTH}"
    organisation = item[:ORGANISATION]
    if strange := sorted(set(organisation) - set(ALPHABET)):
        return f"{item}: {' '.join(strange)} cannot be in an organisation's code"
    if check_character(organisation[:-1]) != organisation[-1]:
        return f"{item}: the check character of the organisation {organisation} is wrong"
    if not (item[ORGANISATION].isascii() and item[ORGANISATION].isalnum() and not item[ORGANISATION].islower()):
        return f"{item}: character 19, the type, is a digit or a capital"
    if not (item[ORGANISATION + 1 :].isascii() and item[ORGANISATION + 1 :].isdigit()):
        return f"{item}: the basic code, the last 12 characters, has only digits"
    return ""


def check_character(first: str) -> str:
    """Return the 18th character of an organisation's code of which `first` are 17 (GB 32100-2015, 5.2; ISO 7064 form)."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return ALPHABET[-total % 31]


def basic_code(item: str) -> str:
    """Return the matter's basic code, by which the same matter of two organisations is recognised."""
    return item[ORGANISATION + 1 :]


def of_region(items: Iterable[str], ancestry: Iterable[str]) -> str:
    """Return the 实施编码 of the organisation nearest to a region: its own, its city's, its province's; or empty.

    `ancestry` are the codes of the region and of those above it. Characters 3 to 8 of the organisation's code are the
    area it is registered in.
    """
    by_area: Mapping[str, str] = {item[2:8]: item for item in reversed(tuple(items))}
    return next((by_area[code[:6]] for code in ancestry if code[:6] in by_area), "")
