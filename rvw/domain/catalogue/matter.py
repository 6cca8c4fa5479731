"""事项: what a resident comes for, and the words by which it is found."""

from sys import intern
from typing import Annotated, Literal

from msgspec import Meta, Struct

Audience = Literal["person", "business", "both"]
Level = Literal["street", "district", "city", "province"]


class Matter(Struct, frozen=True, forbid_unknown_fields=True):
    """事项: what a resident comes for."""

    code: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    """Never changes and is never used again: visits, records and figures refer to it."""
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    name_en: Annotated[str, Meta(max_length=160)]
    category: Annotated[str, Meta(min_length=1, max_length=40)]
    category_en: Annotated[str, Meta(max_length=60)]
    audience: Audience
    minutes: Annotated[int, Meta(ge=1, le=240)] = 12
    """How long a visit about it typically lasts: the first guess of the estimated wait."""
    words: Annotated[str, Meta(max_length=400)] = ""
    """What people also call it, separated by spaces, for the search; `_` stands for a space inside an English phrase."""
    listed: bool = True
    """Shown at kiosks. The matter of the probe is not."""
    pinyin: Annotated[str, Meta(max_length=2000)] = ""
    """The syllables of the name, then of each Chinese word, without tones; `/` between the phrases."""
    level: Level = "district"
    """Where it is handled: the lowest level of desk that decides."""
    rules: str = ""
    """The id of its rule pack; empty for one that asks for nothing."""


def has_han(text: str) -> bool:
    """Tell whether there is a Chinese character in the text."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def spoken(matter: Matter) -> tuple[str, ...]:
    """Return the phrases whose syllables are in `pinyin`, in the same order: the name, then each Chinese word."""
    return (matter.name, *(word for word in matter.words.split() if has_han(word)))


def latin(matter: Matter) -> tuple[str, ...]:
    """Return the phrases in letters and digits: the English name, then the other words."""
    return (matter.name_en, *(word.replace("_", " ") for word in matter.words.split() if not has_han(word)))


def syllables(matter: Matter) -> tuple[tuple[str, ...], ...]:
    """Return the syllables of each phrase of `spoken`; empty when the matter has no pinyin."""
    return tuple(tuple(map(intern, phrase.split())) for phrase in matter.pinyin.split("/")) if matter.pinyin else ()
