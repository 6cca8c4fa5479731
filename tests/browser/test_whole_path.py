"""The scene: a resident at a kiosk, an officer, a host beside the resident, and everything killed in between."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.people import WAIT_MS, Person
from tests.fakes.product import Product, product


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Product]:
    """The product, with its data in a fresh folder."""
    async with product(tmp_path) as one:
        yield one


async def test_a_resident_is_face_to_face_with_the_officer_whatever_is_killed(browser: Browser, running: Product) -> None:
    """Queue, offer, talk of three, chat, hold, three kills, close, receipt: nobody reloads a page."""
    officer = await Person.sit_down(browser, 1920, 1080)
    await officer.signs_in(running.origin, "officer", "pudong1")
    await officer.touch("presence-ready")

    resident = await Person.sit_down(browser, 1080, 1920)
    await resident.takes_a_ticket(running.kiosks["kiosk-pudong-1"], "social-card", "310115")

    await officer.touch("offer-accept")
    await resident.sees("live")
    await officer.sees("live")
    await resident.sees_and_hears(1)
    await officer.sees_and_hears(1)

    host = await Person.sit_down(browser, 1280, 800)
    await host.signs_in(running.origin, "hall", "hall-pudong")
    await host.touch("join")
    everybody = (resident, officer, host)
    for person in everybody:
        await person.sees_and_hears(2)

    await resident.writes("您好,我想补办社保卡")
    await officer.writes("好的,请出示身份证")
    for person in everybody:
        await person.reads("我想补办社保卡")
        await person.reads("请出示身份证")

    await officer.touch("hold")
    for person in everybody:
        await person.sees("held")
    await officer.touch("resume")
    for person in everybody:
        await person.sees("live")
        await person.sees_and_hears(2)

    for number, parts in enumerate((("signaling",), ("valkey",), ("signaling", "valkey"))):
        await running.kill(*parts)
        for person in everybody:
            await person.sees_and_hears(2)
        await officer.writes(f"还在吗?第{number}次")
        for person in everybody:
            await person.reads(f"第{number}次")
            await person.sees("live")

    await officer.touch("close-visit")
    await officer.touch("close-outcome-guided")
    await officer.touch("close-confirm")
    await expect(officer.at("handover-receipt")).to_have_text(re.compile(r"SL-\d{4}-\d+"), timeout=WAIT_MS)
    await resident.sees("closed")

    receipt = await officer.at("handover-receipt").inner_text()
    async with httpx2.AsyncClient() as http:
        records = (await http.get(f"{running.case_system}/api/records")).json()
    assert [one["receipt"] for one in records] == [receipt]
    assert [person.faults for person in everybody] == [[], [], []]
