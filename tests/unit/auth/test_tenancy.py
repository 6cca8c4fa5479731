"""The demo tenancy loads again and again, says what is wrong in it, and stays out of production."""

from pathlib import Path

import msgspec
import pytest
from argon2 import PasswordHasher

from rvw.errors import InvalidSettings
from rvw.settings import Handover, Security, Settings
from signaling.auth import Passwords
from signaling.records import Store
from signaling.tenancy import DEMO_SECRET, check_production, parse, seed, signing_secret

DEMO = (Path(__file__).parents[3] / "config" / "demo.toml").read_text()
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
LONG = "0123456789abcdef0123456789abcdef"


async def test_the_demo_is_loaded_twice(store: Store) -> None:
    """The second time changes nothing."""
    tenancy = parse(DEMO)
    for _ in range(2):
        await seed(store, tenancy, CHEAP)
        assert {authority.id for authority in await store.people.authorities()} >= {"pudong", "jiaxing", "shanghai"}
        assert sorted(await store.people.halls(), key=lambda hall: hall.id) == sorted(
            tenancy.halls, key=lambda hall: hall.id
        )
        assert set(await store.people.kiosks()) == set(tenancy.kiosks)


async def test_a_changed_file_changes_the_store(store: Store) -> None:
    """A kiosk has moved to another hall and has another name."""
    await seed(store, parse(DEMO), CHEAP)
    moved = DEMO.replace('hall = "pudong-hall"\nname = "浦东一号终端"', 'hall = "baoshan-hall"\nname = "moved"')
    await seed(store, parse(moved), CHEAP)
    known = await store.people.kiosk("kiosk-pudong-1")
    assert known is not None
    assert (known.actor.name, known.actor.hall, known.actor.authority) == ("moved", "baoshan-hall", "baoshan")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('password = "demo-window"', "", "password"),
        ('id = "pudong-hall"\nauthority = "pudong"', 'id = "pudong-hall"\nauthority = "atlantis"', "hall pudong-hall"),
        ('hall = "jiaxing-hall"\nname = "嘉兴一号终端"', 'hall = "nowhere"\nname = "x"', "kiosk kiosk-jiaxing-1"),
        ('user = "pudong2"', 'user = "pudong1"', "pudong1"),
        ('user = "pudong2"', 'user = "kiosk-pudong-1"', "kiosk-pudong-1"),
        ('user = "pudong2"', 'user = "system"', "system"),
        ('user = "pudong2"', 'user = "P u"', "P u"),
        ('user = "pudong1"\nrole = "officer"', 'user = "pudong1"\nrole = "kiosk"', "pudong1"),
        ('user = "pudong1"\nrole = "officer"', 'user = "pudong1"\nrole = "king"', "king"),
        ('user = "pudong1"\nrole = "officer"', 'user = "pudong1"\nrole = "host"', "a host has a hall"),
        ('desks = ["yangpu"]', "", "yangpu1"),
        ('id = "baoshan"\nname', 'id = "pudong"\nname', "authority pudong"),
        ("[[hall]]", "[[hall", "cannot be read"),
        ('name_en = "Pudong"', 'name_fr = "Pudong"', "name_fr"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, named: str) -> None:
    """The text of the error leads to the line."""
    assert old in DEMO
    with pytest.raises(InvalidSettings, match=named):
        parse(DEMO.replace(old, new, 1))


GOOD = Settings(security=Security(secret=LONG, control_secret=LONG[::-1], contact_secret=LONG.upper()))


def test_a_demo_may_have_any_secret() -> None:
    """On loopback nothing is asked."""
    demo = Settings(security=Security(demo=True))
    check_production(demo)
    assert signing_secret(demo) == DEMO_SECRET
    assert signing_secret(GOOD) == LONG
    assert signing_secret(Settings()) == ""


def test_production_takes_good_secrets() -> None:
    """Both adapters."""
    check_production(GOOD)
    check_production(msgspec.structs.replace(GOOD, handover=Handover(adapter="http", secret=LONG)))


@pytest.mark.parametrize("secret", ["", "short", DEMO_SECRET, "demo" + LONG, LONG[1:]])
@pytest.mark.parametrize(
    "key", ["security.secret", "security.control_secret", "security.contact_secret", "handover.secret"]
)
def test_production_refuses_bad_secrets(key: str, secret: str) -> None:
    """The key is named, the secret is not told."""
    section, name = key.split(".")
    settings = msgspec.structs.replace(GOOD, handover=Handover(adapter="http", secret=LONG))
    changed = msgspec.structs.replace(getattr(settings, section), **{name: secret})
    with pytest.raises(InvalidSettings, match=key) as told:
        check_production(msgspec.structs.replace(settings, **{section: changed}))
    assert not secret or secret not in str(told.value)
