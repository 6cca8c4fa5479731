"""Numbers by which somebody is known: identity numbers (GB 11643-1999) and unified social credit codes (GB 32100-2015).

Says whether one can be right, and what may be shown of it. Whose it is, is for a card, an issuer or an officer to say.
"""

import re
from datetime import date
from typing import Literal, TypeAlias

from rvw.domain.catalogue.item import ALPHABET, check_character

Subject: TypeAlias = Literal["person", "business"]
"""Who applies: somebody, or the business that a licence (营业执照) is of."""

LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHOWN = (3, 4)
"""How many characters at either end may be seen: not the day of birth, nor enough to be guessed."""


_DOCUMENT = re.compile(r"[A-Z0-9]{5,20}")
"""ICAO 9303: the number of a passport is of digits and capitals, nine at most; permits and taxpayers have longer ones."""


def document_fault(number: str) -> str:
    """Return what is wrong with the number of a passport or the like, which has no check character; empty for nothing."""
    return "" if _DOCUMENT.fullmatch(number) else "such a number has 5 to 20 digits and capitals"


def document_masked(number: str) -> str:
    """Return what may be shown of the number of a passport or the like: enough to tell which of two it is."""
    shown = 4 if len(number) > 11 else 3
    return "*" * (len(number) - shown) + number[-shown:]


def fault(subject: Subject, number: str) -> str:
    """Return what is wrong with a number, as a sentence without the number in it; empty when nothing is."""
    if len(number) != LENGTH:
        return f"a number has {LENGTH} characters, this one {len(number)}"
    return _fault_of_person(number) if subject == "person" else _fault_of_business(number)


def masked(number: str) -> str:
    """Return what may be shown of a number."""
    first, last = _SHOWN
    return number[:first] + "*" * (len(number) - first - last) + number[-last:] if len(number) == LENGTH else "*" * 4


def _fault_of_person(number: str) -> str:
    digits = number[:-1]
    if not (digits.isascii() and digits.isdigit()):
        return "an identity number has 17 digits and a check character"
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "characters 7 to 14, the day of birth, are no date"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return "" if _CHECKS[total % 11] == number[-1] else "the check character is wrong"


def _fault_of_business(number: str) -> str:
    if set(number) - set(ALPHABET):
        return "a unified social credit code has digits and capitals without I, O, S, V and Z"
    return "" if check_character(number[:-1]) == number[-1] else "the check character is wrong"
