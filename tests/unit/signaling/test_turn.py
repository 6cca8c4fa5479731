"""Credentials of relays: as coturn computes them, ending by themselves, never made from settings that cannot work."""

import pytest

from rvw.domain.people import Actor, Role
from rvw.errors import InvalidSettings
from rvw.settings import Settings, Turn, load
from signaling.tenancy import check_production
from signaling.turn import Relays, check
from tests.fakes.clock import ManualClock

KIOSK = Actor("kiosk-pudong-1", Role.KIOSK, "1", "pudong")
SECRET = "a secret that relay and signaling share"
URLS = ("turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp")


def test_a_name_ends_and_its_password_is_signed() -> None:
    """The password is what `openssl dgst -sha1 -hmac` makes of the name."""
    relays = Relays(Turn(urls=URLS, secret=SECRET, valid_s=3600, only=True), ("H264",), ManualClock(1_795_334_400.5))
    told = relays.servers(KIOSK)
    assert [server.urls for server in told.servers] == [(url,) for url in URLS]
    assert {server.username for server in told.servers} == {"1795338000:kiosk-pudong-1"}
    assert {server.credential for server in told.servers} == {"e/BHahVT4w6GKs/w4vMnyPcMtD0="}
    assert told.relay_only
    assert told.codecs == ("H264",)
    assert told.renew_at == 1_795_336_200.5


def test_without_relays_none_are_named() -> None:
    """The straight way is all there is."""
    told = Relays(Turn(), ("VP8",), ManualClock()).servers(KIOSK)
    assert (told.servers, told.relay_only) == ((), False)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (Turn(urls=URLS), "turn.secret"),
        (Turn(urls=("https://turn.example.org",), secret=SECRET), "turn.urls"),
        (Turn(urls=("turn:turn.example.org?transport=tls",), secret=SECRET), "turn.urls"),
        (Turn(only=True), "turn.only"),
    ],
)
def test_what_no_page_could_use_stops_the_start(settings: Turn, named: str) -> None:
    """The message names the key."""
    with pytest.raises(InvalidSettings, match=named):
        check(settings)


def test_addresses_may_be_of_either_kind() -> None:
    """By name, or by number of either kind, with and without a port."""
    check(Turn(urls=("turn:198.51.100.7", "turns:[2001:db8::7]:443?transport=tcp"), secret=SECRET))


def test_production_needs_a_secret_nobody_guesses() -> None:
    """As for every other secret."""
    long = {f"security.{name}": "s" * 32 for name in ("secret", "control_secret", "contact_secret")}
    settings: Settings = load("", {}, {**long, "turn.secret": "short", "turn.urls": URLS[0]})
    with pytest.raises(InvalidSettings, match=r"turn\.secret"):
        check_production(settings)
