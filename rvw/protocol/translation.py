"""Messages of translation: who translates lines of chat here, and a line in another language."""

from msgspec import Struct

from rvw.domain.translation import Tongue


class TranslatorTold(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/translator`: who translates lines of chat."""

    name: str
    """In a word for people, such as `demo: phrases`. Empty: nobody does, and pages do not ask."""


class Translation(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/chat/{line}/{language}`: a line in the language that was asked for."""

    text: str
    """Empty: it is in that language already, or the translator has no words for it."""
    language: Tongue
    translator: str
    """Whose words these are: a reader is told that nobody of the visit has said them."""
