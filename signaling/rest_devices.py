"""The endpoint that tells a kiosk where its device bridge is, and what residents may do there."""

from msgspec import Struct

from rvw.domain.people import Role
from rvw.errors import NotAllowed
from rvw.protocol import rest
from rvw.settings import Kiosk
from signaling.routes import Call, Endpoint, signed_in


class DeviceApi:
    """The handler, and its table."""

    def __init__(self, kiosk: Kiosk) -> None:
        self._kiosk = kiosk

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        summary = "Where the device bridge is on a kiosk's own machine, and what residents may do there"
        return (Endpoint("GET", "/api/devices", summary, self.devices, rest.KioskDevices, signed_in=True),)

    async def devices(self, call: Call) -> Struct:
        """Return it. Raises `NotAllowed` for who is no kiosk."""
        if signed_in(call).role is not Role.KIOSK:
            raise NotAllowed("only a kiosk has devices")
        return rest.KioskDevices(self._kiosk.bridge, self._kiosk.files)
