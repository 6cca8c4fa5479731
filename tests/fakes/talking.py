"""Pages without a browser that really send: sound and small pictures, by aiortc."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import av
from aiortc import VideoStreamTrack

import config
from rvw.cli.probe import End
from rvw.cli.wire import Http, Wire, open_wire
from rvw.domain.catalogue.consent import current, digest
from rvw.domain.commands.consent import Answer
from rvw.domain.events import ConsentSubject
from signaling.catalogue_watch import read
from signaling.records import Store
from tests.fakes.product import PASSWORD, Product


class Camera(VideoStreamTrack):
    """Ten small pictures a second: a sender that is late would look as if what it has not sent were lost."""

    async def recv(self) -> av.VideoFrame:
        """Return the next."""
        for _ in range(3):
            pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(160, 120)
        frame.pts, frame.time_base = pts, time_base
        return frame


@asynccontextmanager
async def page(origin: str, token: str) -> AsyncIterator[Wire]:
    """Give a page that sends sound and pictures."""
    end = End(Camera)
    try:
        async with open_wire(origin, token) as wire:
            await end.join(wire)
            yield wire
    finally:
        await end.close()


def agreed(*to: ConsentSubject) -> tuple[Answer, ...]:
    """Return that the resident agrees: to being recorded, if nothing else is named."""
    text = current(read(config.FOLDER / "catalogue").texts, "resident")
    assert text is not None
    subjects: tuple[ConsentSubject, ...] = to or ("recording",)
    return tuple(Answer(one, True, digest(text, "zh")) for one in subjects)


async def tokens(running: Product) -> tuple[str, str]:
    """Return those of a kiosk and an officer of the demo."""
    http = Http(running.origin)
    lead = await http.login("lead-pudong", PASSWORD)
    kiosk = (await http.enrol((await http.new_enrolment("kiosk-pudong-1", lead.token)).code)).token
    return kiosk, (await http.login("pudong1", PASSWORD)).token


async def handed_over(store: Store, visit: str, number: int = 1) -> None:
    """Return when the case system has a version of a record, and the visit knows it."""
    while True:
        parcel = await store.parcels.progress(visit, number)
        if parcel is not None and parcel.acknowledged_at is not None:
            return
        await asyncio.sleep(0.2)
