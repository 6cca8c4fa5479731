"""Tickets: the one who has it is found, the one who guesses is not, and soon not even heard."""

from typing import cast

import pytest

from rvw.clock import DAY_S
from rvw.errors import NotFound, TooMany
from signaling.board import SharedBoard
from signaling.tickets import KEPT_DAYS, QR_PREFIX, Tickets, drawn
from tests.fakes.clock import ManualClock


class Shared:
    """The board's memory of codes."""

    def __init__(self) -> None:
        self.serial = 0
        self.kept: dict[tuple[str, str], str] = {}

    async def next_ticket(self, day: str) -> int:
        """Count."""
        self.serial += 1
        return self.serial

    async def keep_ticket(self, day: str, code: str, visit: str, keep_s: int) -> None:
        """Remember."""
        self.kept[day, code] = visit

    async def visits_of_ticket(self, code: str, days: list[str]) -> list[str]:
        """Look up."""
        return [self.kept[day, code] for day in days if (day, code) in self.kept]


class Counter:
    """Tickets over an empty board."""

    def __init__(self) -> None:
        self.clock, self.shared = ManualClock(), Shared()
        self.tickets = Tickets(cast("SharedBoard", self.shared), self.clock, "s" * 32)


@pytest.fixture
def counter() -> Counter:
    """A new day."""
    return Counter()


async def test_a_ticket_finds_its_visit_typed_in_any_way_or_shown(counter: Counter) -> None:
    """Spaces, dashes, small letters; the QR code."""
    tickets = counter.tickets
    code, pin = await tickets.next("v1"), tickets.pin("v1")
    assert (code, len(pin), pin.isdecimal()) == ("A001", 4, True)
    for shown in (f"{code}{pin}", f"a001 {pin}", f"A001-{pin}", tickets.qr("v1")):
        assert await tickets.check(shown, "kiosk-2") == "v1"
    assert tickets.pin("v2") != pin
    assert Tickets(cast("SharedBoard", counter.shared), counter.clock, "t" * 32).pin("v1") != pin


async def test_a_ticket_is_good_for_days_and_each_day_s_is_another(counter: Counter) -> None:
    """The same code of two days: the digits tell them apart. After its days it finds nothing."""
    await counter.tickets.next("v1")
    counter.clock.pass_(DAY_S)
    counter.shared.serial = 0
    assert await counter.tickets.next("v2") == "A001"
    for visit in ("v1", "v2"):
        assert await counter.tickets.check(f"A001 {counter.tickets.pin(visit)}", "kiosk-2") == visit
    counter.clock.pass_(DAY_S * (KEPT_DAYS - 1))
    with pytest.raises(NotFound):
        await counter.tickets.check(f"A001 {counter.tickets.pin('v1')}", "kiosk-2")


@pytest.mark.parametrize(
    "wrong", ["", "A001", "A001 0000 1", "A999 1234", "好", f"{QR_PREFIX}v1.0123456789abcdef", QR_PREFIX]
)
async def test_a_wrong_ticket_is_told_in_the_same_words(counter: Counter, wrong: str) -> None:
    """Whether there is such a ticket cannot be learned."""
    await counter.tickets.next("v1")
    with pytest.raises(NotFound, match=r"^there is no such ticket$"):
        await counter.tickets.check(wrong, "kiosk-2")


async def test_who_guesses_is_soon_not_heard_any_more(counter: Counter) -> None:
    """Five tries at a ticket from wherever, ten a minute at a kiosk at whatever; the QR code is heard even then."""
    tickets = counter.tickets
    code, right = await tickets.next("v1"), tickets.pin("v1")
    wrong = f"{code} {(int(right) + 1) % 10_000:04d}"
    for number in range(5):
        with pytest.raises(NotFound):
            await tickets.check(wrong, f"kiosk-{number}")
    with pytest.raises(TooMany, match="QR"):
        await tickets.check(f"{code} {right}", "kiosk-9")
    assert await tickets.check(tickets.qr("v1"), "kiosk-9") == "v1"
    counter.clock.pass_(600)
    assert await tickets.check(f"{code} {right}", "kiosk-9") == "v1"
    for number in range(10):
        with pytest.raises(NotFound):
            await tickets.check(f"C{number:03d} 1234", "kiosk-1")
    with pytest.raises(TooMany, match="minute"):
        await tickets.check(tickets.qr("v1"), "kiosk-1")


def test_a_qr_code_is_a_picture_that_any_page_may_show() -> None:
    """Dark on white, in a `data:` address, no script."""
    picture = drawn("rvw:v1.abc")
    assert picture.startswith("data:image/svg+xml")
    assert "script" not in picture
