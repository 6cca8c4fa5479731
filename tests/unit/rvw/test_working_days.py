"""工作日: weekends, holidays and make-up days, as the State Council has published them for 2026."""

from datetime import date, datetime, timedelta, timezone

import pytest

import config
from rvw.domain.catalogue import Catalogue, parse
from rvw.domain.catalogue.reading import FILES
from rvw.domain.catalogue.working import end_of_working_day, is_working

CHINA = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The product's own."""
    folder = config.FOLDER / "catalogue"
    return parse(*((folder / name).read_text() if (folder / name).exists() else "" for name in FILES))


def at(text: str) -> float:
    """Return the instant of a time in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()


@pytest.mark.parametrize(
    ("now", "days", "last"),
    [
        ("2026-11-27 10:00", 0, "2026-11-27"),  # a Friday: today
        ("2026-11-28 10:00", 0, "2026-11-30"),  # a Saturday: Monday
        ("2026-11-27 10:00", 5, "2026-12-04"),
        ("2026-11-27 23:59", 1, "2026-11-30"),
        ("2026-02-13 09:00", 1, "2026-02-14"),  # a Saturday that is worked before Spring Festival
        ("2026-02-14 09:00", 1, "2026-02-24"),  # nine days of Spring Festival
        ("2026-11-27 10:00", 15, "2026-12-18"),
    ],
)
def test_the_last_day_is_the_law_s(catalogue: Catalogue, now: str, days: int, last: str) -> None:
    """The day of the beginning does not count; the deadline is the end of the last day, by the window's clock."""
    assert end_of_working_day(catalogue.days, at(now), days) == at(f"{last} 00:00") + 86_400


def test_every_day_of_the_year_is_one_or_the_other(catalogue: Catalogue) -> None:
    """Twenty working days are never fewer than twenty days, and never more than fifty."""
    for number in range(365):
        start = datetime(2026, 1, 1, 12, tzinfo=CHINA) + timedelta(number)
        length = (end_of_working_day(catalogue.days, start.timestamp(), 20) - start.timestamp()) / 86_400
        assert 20 < length < 50
    assert is_working(date(2026, 2, 14), catalogue.days)
    assert not is_working(date(2026, 2, 16), catalogue.days)
