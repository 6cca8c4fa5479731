"""Which language a line is in, and what the table of the desks' phrases says of it."""

import pytest
from msgspec.structs import replace

from rvw.domain.catalogue.desk import Phrase
from rvw.domain.translation import phrase_table, plain, tongue_of
from tests.fakes.town import TOWN

PHRASE = Phrase(zh="请把材料放平。", en="Please lay the paper flat.")


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("请把材料放平。", "zh"),
        ("我的 card 丢了", "zh"),
        ("Where do I sign?", "en"),
        ("310115 · 138-0000-0000", None),
        ("👍", None),
        ("", None),
    ],
)
def test_a_line_is_in_the_language_of_its_letters(text: str, tongue: str | None) -> None:
    """Mixed lines are Chinese, and what has no letters is in no language, so that nobody is asked to translate it."""
    assert tongue_of(text) == tongue


def test_phrases_are_known_both_ways_and_as_people_type_them() -> None:
    """Wide forms, blanks, capitals and the mark at the end do not matter; the first desk's words win."""
    first, second = list(TOWN.desks.values())[:2]
    other = replace(PHRASE, en="Flat, please.")
    table = phrase_table([replace(first, phrases=(PHRASE,)), replace(second, phrases=(other,))])
    assert table[plain("请把材料放平"), "en"] == PHRASE.en
    assert table[plain(" please lay  the paper FLAT "), "zh"] == PHRASE.zh
    assert table[plain("Flat, please!"), "zh"] == PHRASE.zh
    assert (plain("请把材料放平一点"), "en") not in table
