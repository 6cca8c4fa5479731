"""A talk at a kiosk that has devices: card and code reader, document camera, signature pad, printer, all simulated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct
from playwright.async_api import Browser

from tests.browser.people import Person, face_to_face
from tests.fakes.devices import Devices, device_sim
from tests.fakes.places import Place
from tests.fakes.product import Product

WANG, LI = "310115195203079026", "310115199011239011"
MASKED = "310***********9026"


class Scene(Struct):
    """A resident and an officer who talk, and the devices of the kiosk."""

    running: Product
    devices: Devices
    resident: Person
    officer: Person
    visit: str

    @property
    def everybody(self) -> tuple[Person, Person]:
        """Both."""
        return self.resident, self.officer


class Hall(Struct, frozen=True):
    """A product whose kiosks have their devices at a port of this machine."""

    running: Product
    port: int


@asynccontextmanager
async def talk(browser: Browser, hall: Hall, place: Place, agrees: str = "yes") -> AsyncIterator[Scene]:
    """A kiosk that has devices; the officer has answered, both look at the application."""
    running = hall.running
    async with device_sim(hall.port, running.origin, running.data) as devices:
        resident, officer, visit = await face_to_face(browser, running, place, agrees)
        await officer.touch("work-application")
        yield Scene(running, devices, resident, officer, visit)


async def shows_card(scene: Scene, who: str) -> None:
    """The officer asks, the kiosk asks, a card is put on the reader, and both pages show it."""
    await scene.officer.touch("ask-identity")
    await scene.resident.at("show-document").wait_for()
    await scene.devices.does(f"insert card {who}")
    await scene.officer.at("shown-person").wait_for()
    await scene.resident.at("shown-person").wait_for()
