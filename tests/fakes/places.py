"""Many small places in one running product, so that each test has one of its own and none waits for a start.

A place is what a test needs of the world: two neighbouring districts and the city above them, each with an authority, a
hall, a desk and people. Nobody in it sees anybody of another place: tests may leave visits open, and count what they see.
All places are made before the product starts, in prefectures that the demo does not use.
"""

import csv
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

import config
from rvw.domain.people import Role
from signaling.auth import Passwords, mint_enrolment
from signaling.records import open_store
from signaling.records.people import Account, Authority, Hall, Kiosk
from tests.fakes.product import PASSWORD, Product, product

ENROLMENT_S = 86_400.0

DESK = """
[[desk]]
id = "{0}"
authority = "{0}"
region = "{1}"
name = "{2}测试窗口"
name_en = "Test desk {0}"
phrases = [{{ zh = "请把材料放平。", en = "Please lay the paper flat." }}]
"""


class Place(Struct, frozen=True):
    """Two districts and their city: regions, desks, and ids of kiosks and users, with the demo's password."""

    number: int
    region: str
    """The district where most tests play; its desk has the authority's id, as everywhere here."""
    region_name: str
    neighbour_region: str
    city_region: str

    @property
    def desk(self) -> str:
        """The district's authority and desk."""
        return f"t{self.number}"

    @property
    def neighbour_desk(self) -> str:
        """The neighbouring district's authority and desk."""
        return f"t{self.number}-next"

    @property
    def city_desk(self) -> str:
        """The city's authority and desk: asked after the districts'."""
        return f"t{self.number}-city"

    @property
    def kiosk(self) -> str:
        """A kiosk in the district's hall."""
        return f"kiosk-{self.desk}-1"

    @property
    def second_kiosk(self) -> str:
        """Another in the same hall."""
        return f"kiosk-{self.desk}-2"

    @property
    def neighbour_kiosk(self) -> str:
        """One in the neighbour's hall."""
        return f"kiosk-{self.neighbour_desk}-1"

    @property
    def officer(self) -> str:
        """Answers for the district's desk, in Chinese and English."""
        return f"officer-{self.desk}"

    @property
    def colleague(self) -> str:
        """Answers for the same desk, in Chinese."""
        return f"colleague-{self.desk}"

    @property
    def neighbour_officer(self) -> str:
        """Answers for the neighbour's desk."""
        return f"officer-{self.neighbour_desk}"

    @property
    def city_officer(self) -> str:
        """Answers for the city's desk and for both districts', with a counter in the halls of both."""
        return f"officer-{self.city_desk}"

    @property
    def host(self) -> str:
        """The clerk in the district's hall."""
        return f"host-{self.desk}"

    @property
    def neighbour_host(self) -> str:
        """The clerk in the neighbour's hall."""
        return f"host-{self.neighbour_desk}"

    @property
    def lead(self) -> str:
        """The district's supervisor."""
        return f"lead-{self.desk}"

    @property
    def neighbour_lead(self) -> str:
        """The neighbour's supervisor."""
        return f"lead-{self.neighbour_desk}"

    @property
    def city_lead(self) -> str:
        """The city's supervisor, who oversees both districts."""
        return f"lead-{self.city_desk}"


def places() -> Iterator[Place]:
    """Yield every place there can be: one a prefecture with two districts or counties, but none of the demo's."""
    rows = _regions(config.FOLDER / "catalogue")
    number = 0
    for city in [row for row in rows if row["level"] == "prefecture" and row["code"] != "330400"]:
        inside = [row for row in rows if row["parent"] == city["code"] and row["kind"] == "admin"]
        if len(inside) >= 2:
            number += 1
            yield Place(number, inside[0]["code"], inside[0]["name"], inside[1]["code"], city["code"])


@asynccontextmanager
async def settled(folder: Path, *words: str) -> AsyncIterator[Product]:
    """Start a product with all places, its data and catalogue in `folder`."""
    async with product(folder / "data", "--set", f"catalogue={catalogue(folder / 'catalogue')}", *words) as one:
        await settle(one)
        yield one


def catalogue(folder: Path) -> Path:
    """Write the product's catalogue with a desk more for each authority of each place, and return where it is."""
    shutil.copytree(config.FOLDER / "catalogue", folder)
    names = {row["code"]: row["name"] for row in _regions(folder)}
    with (folder / "desks.toml").open("a", encoding="utf-8") as desks:
        for place in places():
            for desk, region in _desks(place):
                desks.write(DESK.format(desk, region, names[region]))
    return folder


async def settle(product: Product) -> None:
    """Make the people of all places."""
    password = await Passwords().hash(PASSWORD)
    authorities, halls, kiosks, accounts = [], [], [], []
    for place in places():
        for desk, _ in _desks(place):
            authorities.append(Authority(desk, f"{desk}区", f"Test {desk}"))
            halls.append(Hall(f"hall-{desk}", desk, f"{desk}示例大厅", f"Hall {desk}"))
            kiosks += [Kiosk(f"kiosk-{desk}-{n}", f"hall-{desk}", f"{desk}{n}号终端") for n in (1, 2)]
            accounts += [(one, password) for one in _people(place, desk)]
    async with open_store(product.sql) as store:
        await store.people.put(authorities, halls, kiosks, accounts)


async def address(product: Product, kiosk: str) -> str:
    """Return an address that sets the kiosk up, with a fresh code; what was set up before goes on."""
    async with open_store(product.sql) as store:
        return f"{product.origin}/kiosk?enrol={(await mint_enrolment(store, kiosk, ENROLMENT_S)).code}"


def _regions(folder: Path) -> list[dict[str, str]]:
    with (folder / "regions.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _desks(place: Place) -> tuple[tuple[str, str], ...]:
    return (
        (place.desk, place.region),
        (place.neighbour_desk, place.neighbour_region),
        (place.city_desk, place.city_region),
    )


def _people(place: Place, desk: str) -> Iterator[Account]:
    desks = (desk, place.desk, place.neighbour_desk) if desk == place.city_desk else (desk,)
    officer = Account(f"officer-{desk}", Role.OFFICER, f"甲示例{desk}", desk, desks=desks, languages=("zh", "en"))
    halls = (f"hall-{place.desk}", f"hall-{place.neighbour_desk}")
    yield replace(officer, hall=halls[0], halls=halls[1:]) if desk == place.city_desk else officer
    yield Account(f"colleague-{desk}", Role.OFFICER, f"乙示例{desk}", desk, desks=(desk,))
    yield Account(f"host-{desk}", Role.HOST, f"丙帮办{desk}", desk, hall=f"hall-{desk}")
    yield Account(f"lead-{desk}", Role.SUPERVISOR, f"丁督导{desk}", desk)
