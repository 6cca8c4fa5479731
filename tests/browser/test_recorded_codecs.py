"""What is recorded in each codec that a deployment may choose plays: what each has sent, and the film of all."""

from pathlib import Path

import av
import pytest
from playwright.async_api import Browser, expect

from media.core.codecs import VIDEO
from tests.browser.people import Person, meet
from tests.browser.test_film import probed
from tests.browser.test_player import reaches, shows
from tests.browser.test_recording import close, is_told, read, until, watches
from tests.fakes.product import product

TALK_S = 3.0


@pytest.mark.parametrize("codec", [one for one in VIDEO if one != "VP8"])
async def test_a_talk_in_another_codec_is_watched(browser: Browser, tmp_path: Path, codec: str) -> None:
    """While films are off, both faces of a talk play side by side; switched on, its film is made, and plays."""
    data, settings = tmp_path / "data", ("--set", f"media.codecs={codec}", "--set", "kiosk.bridge=")
    async with product(data, *settings, "--set", "films.when=off") as running:
        resident, officer, visit = await meet(browser, running, running.kiosks["kiosk-pudong-1"], "pudong1", "310115")
        for person in (officer, resident):
            await is_told(person, "running")
            await person.sees_and_hears(1)
            await watches(person, "remote-video", TALK_S)
        await close(officer)
        recording = await until(running, visit, "collected")
        cameras = [one for one in recording.files if one.out == "camera"]
        assert [one.codec for one in cameras] == [codec] * 2
        assert max(one.dropped for one in cameras) <= 1, "what is lost on a busy machine is asked for again"
        for one in cameras:
            with av.open(await read(running, visit, one.sha256), "r") as file:
                times = [frame.time or 0.0 for frame in file.decode(file.streams[0])]  # type: ignore[union-attr]
            assert len(times) == one.frames
            assert times[-1] - times[0] > TALK_S
        lead = await Person.sit_down(browser, 1280, 800)
        await lead.signs_in(running.origin, f"record/{visit}", "lead-pudong")
        await expect(lead.at("record-camera")).to_have_count(2)
        await lead.touch("record-play")
        everybody = max(one.begin for one in recording.files)
        _, playing = await reaches(lead, everybody + 1)
        assert len(playing) == 4, "two faces, two voices"
        for face in await lead.at("record-camera").all():
            await shows(face.locator("video"))
        assert [one.faults for one in (officer, resident, lead)] == [[], [], []]

    async with product(data, *settings) as running:
        recording = await until(running, visit, "composed")
        assert recording.film is not None
        path = tmp_path / "film.mp4"
        path.write_bytes((await read(running, visit, recording.film.sha256)).getvalue())
        told = await probed(path)
        assert {one["codec_name"] for one in told["streams"]} == {"h264", "aac"}
        begin, end = recording.spans[0][0], recording.spans[-1][1]
        assert float(told["format"]["duration"]) == pytest.approx(end - begin, abs=0.5)
        assert {tile.actor for tile in recording.film.tiles} == {"kiosk-pudong-1", "pudong1"}
        viewer = await Person.sit_down(browser, 1280, 800)
        await viewer.signs_in(running.origin, f"record/{visit}", "lead-pudong")
        await shows(viewer.at("record-film"))
        await viewer.touch("record-play")
        _, playing = await reaches(viewer, 2.0)
        assert len(playing) == 1
        assert viewer.faults == []
