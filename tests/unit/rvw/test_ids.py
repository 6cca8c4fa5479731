"""Ids sort by time and can be read aloud."""

import pytest

from rvw.ids import ALPHABET, RANDOM_BYTES, make_id, ticket_code


def test_ids_sort_by_the_time_they_were_made() -> None:
    """A later id is greater, whatever the randomness."""
    earlier = make_id(1_790_000_000.000, b"\xff" * RANDOM_BYTES)
    later = make_id(1_790_000_000.001, b"\x00" * RANDOM_BYTES)
    assert earlier < later
    assert len(later) == 23
    assert set(earlier + later) <= set(ALPHABET)


def test_randomness_of_another_length_is_refused() -> None:
    """Too little randomness would make ids that collide."""
    with pytest.raises(ValueError, match="8 random bytes"):
        make_id(0.0, b"short")


def test_ticket_codes_go_on_with_the_next_letter() -> None:
    """A letter and three digits; no letter that sounds or looks like another."""
    assert [ticket_code(n) for n in (1, 999, 1000, 19_999)] == ["A001", "A999", "C000", "Y999"]
    assert ticket_code(20_000) == "A000"
