"""What people are told before they are asked for consent: texts as data, each with a version and a hash.

个人信息保护法 art. 17 says what must be told (who, what for, how, how long, which rights), art. 29 that consent to
sensitive data is asked for by itself. An answer names the SHA-256 of the words that were read, in their language; whoever
has the file can compute it again. A text that somebody has answered is never changed: a new one is added below.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Literal

from msgspec import Meta, Struct

Reader = Literal["resident", "joining", "staff"]
"""Who reads it: the resident; a host, guest or supervisor who comes in; officers, once, as a term of their work."""

LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")

Line = Annotated[str, Meta(min_length=1, max_length=200)]


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is told: who, what for, how long, which rights."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    text: Line
    name_en: Annotated[str, Meta(min_length=1, max_length=40)]
    text_en: Annotated[str, Meta(min_length=1, max_length=400)]


class ConsentText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a reader is told, and what is asked."""

    version: Annotated[str, Meta(pattern=r"^[a-z]+-[0-9]{4}-[0-9]{2}(-[0-9]{1,2})?$")]
    """Never used again: answers name it."""
    reader: Reader
    points: Annotated[tuple[Told, ...], Meta(min_length=1, max_length=6)]
    recording: Line
    """The question whether sound and picture may be recorded; for staff, what holds."""
    recording_en: Annotated[str, Meta(min_length=1, max_length=400)]
    sensitive: Annotated[str, Meta(max_length=200)] = ""
    """The question about sensitive data: residents alone are asked it."""
    sensitive_en: Annotated[str, Meta(max_length=400)] = ""


def wording(text: ConsentText, language: str) -> str:
    """Return what is read, in the language: the very characters that are hashed, one line for each thing that is said."""
    if language == "en":
        points = [f"{one.name_en}: {one.text_en}" for one in text.points]
        return "\n".join([text.version, *points, text.recording_en, *([text.sensitive_en] if text.sensitive_en else [])])
    points = [f"{one.name}：{one.text}" for one in text.points]
    return "\n".join([text.version, *points, text.recording, *([text.sensitive] if text.sensitive else [])])


def digest(text: ConsentText, language: str) -> str:
    """Return the SHA-256 of the wording in UTF-8, in hexadecimal."""
    return sha256(wording(text, language).encode()).hexdigest()


def current(texts: Iterable[ConsentText], reader: Reader) -> ConsentText | None:
    """Return the text that a reader is shown now: the last one for them; `None` if nobody has written any."""
    return next((one for one in reversed(tuple(texts)) if one.reader == reader), None)


def read_as(text: ConsentText, sha256: str) -> str:
    """Return in which language a text has that hash; empty when in none."""
    return next((language for language in LANGUAGES if digest(text, language) == sha256), "")


def fault(text: ConsentText) -> str:
    """Say what is wrong with the text; empty for nothing."""
    if (text.reader == "resident") != bool(text.sensitive and text.sensitive_en):
        return "residents, and they alone, are asked about sensitive data, in both languages"
    if not text.version.startswith(f"{text.reader}-"):
        return f"the version of a text for {text.reader} begins with `{text.reader}-`"
    return ""
