"""Halls with networks of their own: no UDP, an address mapped 1:1, IPv6. Real pages in a namespace, the product outside."""

from pathlib import Path

from tests.browser.people import chromium
from tests.browser.test_relay import call, ways
from tests.fakes.product import product
from tests.fakes.relay import relay, trust
from tests.network.hall import NO_UDP, PUBLIC, hall, mapped


async def test_a_hall_that_lets_no_udp_out_is_served_all_the_same(tmp_path: Path) -> None:
    """With the pages' normal policy: the straight way fails, the relay by TCP carries the call."""
    with hall(tmp_path) as place:
        place.rule(NO_UDP)
        async with (
            relay(tmp_path / "relay", place.host) as turn,
            product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp), host=place.host) as running,
            chromium(trust(running.certificate), program=str(place.chromium)) as browser,
        ):
            for person in await call(browser, running):
                path, policy, _ = await ways(person)
                assert (path["type"], path["protocol"]) == ("relay", "tcp")
                assert policy == "all"


async def test_a_server_behind_a_mapped_address_is_reached(tmp_path: Path) -> None:
    """The address it has inside is out of reach; the one that `--public-ip` names carries the call."""
    with hall(tmp_path) as place:
        place.rule(mapped(place.host))
        async with (
            product(tmp_path / "data", "--public-ip", PUBLIC, host=place.host) as running,
            chromium(trust(running.certificate), program=str(place.chromium)) as browser,
        ):
            for person in await call(browser, running):
                path, *_ = await ways(person)
                assert (path["protocol"], path["remote"]) == ("udp", PUBLIC)


async def test_a_call_goes_by_ipv6_and_by_ipv4_to_one_port(tmp_path: Path) -> None:
    """The worker listens at all addresses of both kinds; while UDP of one kind is blocked pages take the other."""
    with hall(tmp_path) as place:
        place.rule(NO_UDP)
        both = ("--set", "media.host=::", "--set", f"media.announce={place.host},{place.host6}")
        async with (
            product(tmp_path / "data", *both, host=place.host6) as running,
            chromium(trust(running.certificate), program=str(place.chromium)) as browser,
        ):
            people = await call(browser, running)
            assert {(await ways(person))[0]["remote"] for person in people} == {place.host6}
            place.rule("")
            place.rule(NO_UDP, "ip6")
            for person in people:
                await person.page.reload()
                await person.sees("live")
                await person.sees_and_hears(1)
            assert {(await ways(person))[0]["remote"] for person in people} == {place.host}
