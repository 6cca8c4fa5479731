"""Lines of chat in another language: which language a line is in, and what a table of known lines says of it.

A translation is help for whoever reads, and never what was said: it is in no event and in no record. Which words another
language has for any sentence is for the outside to say (`signaling.translation`); out of scope here.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

from rvw.domain.catalogue.desk import Desk

Tongue = Literal["zh", "en"]
"""What pages speak."""

HAN: Final = "CJK UNIFIED IDEOGRAPH"
"""How Unicode names the characters of Chinese (Unicode 17, chapter 18)."""


def tongue_of(text: str) -> Tongue | None:
    """Return the language of a line: a Chinese character makes it Chinese, else a letter English; numbers are none."""
    if any(unicodedata.name(one, "").startswith(HAN) for one in text):
        return "zh"
    return "en" if any(one.isascii() and one.isalpha() for one in text) else None


def phrase_table(desks: Iterable[Desk]) -> dict[tuple[str, Tongue], str]:
    """Return what the desks' phrases are in the other language; of phrases alike, the first desk's is taken."""
    table: dict[tuple[str, Tongue], str] = {}
    for phrase in (one for desk in desks for one in desk.phrases):
        table.setdefault((plain(phrase.zh), "en"), phrase.en)
        table.setdefault((plain(phrase.en), "zh"), phrase.zh)
    return table


def plain(text: str) -> str:
    """Return the line without what typing adds to it: wide forms, blanks, capitals, and the mark at its end."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().rstrip(".。!?")
