"""Who is told that the case system has given a receipt."""

import structlog

from rvw.domain.commands import Acknowledge
from rvw.domain.people import SYSTEM
from rvw.errors import NotFound, NotPossible
from signaling.office import Office

log = structlog.get_logger()


class Receipts:
    """Tells visits that the case system has their record."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def take(self, visit: str, receipt: str) -> None:
        """Append `HandedOver`. Raises `Unavailable`, to be asked again."""
        try:
            await self._office.perform(SYSTEM, Acknowledge(receipt), visit)
        except NotPossible:
            return  # it has its receipt
        except NotFound:  # nobody can ever be told: the receipt stays with the record
            log.warning("a receipt is told to nobody: the live store has no such visit", visit=visit)


async def nobody(_visit: str, _receipt: str) -> None:
    """Of a visit that was deleted nobody is left to be told: that the receipt is written down is enough."""
