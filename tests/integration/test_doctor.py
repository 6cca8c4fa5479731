"""`rvw doctor` against the real product and a real relay: what works is said to work, what does not is named."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.fakes.product import product
from tests.fakes.relay import relay


async def doctor(origin: str, certificate: Path) -> tuple[int | None, dict[str, dict[str, Any]]]:
    """Run it as IT staff do; return its exit code and its findings by name."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rvw.cli", "doctor", origin, "--json",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "SSL_CERT_FILE": str(certificate)},
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, {one["what"]: one for one in json.loads(said)}


async def test_every_way_is_tried_and_the_one_that_is_shut_is_named(tmp_path: Path) -> None:
    """Straight, and by the relay over UDP, TCP and TLS; a relay that is not there is found, with what to do."""
    async with relay(tmp_path / "relay") as turn:
        shut = "turn:127.0.0.1:9?transport=tcp"
        async with product(tmp_path / "data", *turn.settings(turn.udp, turn.tcp, turn.tls, shut)) as running:
            code, found = await doctor(running.origin, turn.certificate)
    assert code == 1
    ways = ("pages", "sign-in", "WebSocket", "clock", "UDP to the media worker", *(f"relay {url}" for url in
            (turn.udp, turn.tcp, turn.tls)))  # fmt: skip
    assert {way: found[way]["ok"] for way in ways} == dict.fromkeys(ways, True)
    assert not found[f"relay {shut}"]["ok"]
    assert "open TCP 9" in found[f"relay {shut}"]["do"]
