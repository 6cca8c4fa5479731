"""Numbers by which somebody is known: which can be right, and what is shown of one. All are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvw.domain import numbers
from rvw.domain.catalogue.item import ALPHABET

PERSON = "310115195203079026"
LEAP_DAY = "110105200002290013"
BUSINESS = "91310115MA0000000U"


def test_right_numbers_have_no_fault() -> None:
    """A person, a leap day, a business."""
    assert [numbers.fault("person", one) for one in (PERSON, LEAP_DAY)] == ["", ""]
    assert numbers.fault("business", BUSINESS) == ""
    assert numbers.fault("person", PERSON[:-1] + "X") == "the check character is wrong"


@pytest.mark.parametrize(
    "number", ["", "31011519520307902", "31011519521307902X", "3101151952030790²6", "3101151952030790x6"]
)
def test_what_cannot_be_a_number_is_named(number: str) -> None:
    """Too short, no such month, digits that are none: and the sentence does not repeat the number."""
    said = numbers.fault("person", number)
    assert said
    assert not number or number not in said


@given(st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_found(place: int, character: str) -> None:
    """ISO 7064 MOD 11-2 finds every single substitution."""
    wrong = PERSON[:place] + character + PERSON[place + 1 :]
    assert bool(numbers.fault("person", wrong)) == (wrong != PERSON)


@given(st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_of_a_business_is_found(place: int, character: str) -> None:
    """So does MOD 31 of GB 32100."""
    wrong = BUSINESS[:place] + character + BUSINESS[place + 1 :]
    assert bool(numbers.fault("business", wrong)) == (wrong != BUSINESS)


def test_a_masked_number_does_not_tell_the_day_of_birth() -> None:
    """Three characters and four; of what has another length nothing."""
    assert numbers.masked(PERSON) == "310***********9026"
    assert numbers.masked("12345") == "****"


@pytest.mark.parametrize(("number", "shown"), [("E12345678", "******678"), ("H1234567802", "********802")])
def test_a_passport_is_told_apart_and_not_known(number: str, shown: str) -> None:
    """Three characters at the end; four of the long number of a taxpayer."""
    assert not numbers.document_fault(number)
    assert numbers.document_masked(number) == shown
    assert numbers.document_masked("91310115MA0000000U") == "**************000U"
