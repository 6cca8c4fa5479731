"""`rvw doctor` against the real product and a real relay: what works is said to work, what does not is named."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.fakes.product import product
from tests.fakes.relay import relay


async def doctor(origin: str, certificate: Path, *words: str) -> tuple[int | None, dict[str, dict[str, Any]]]:
    """Run it as IT staff do; return its exit code and its findings by name."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rvw.cli", "doctor", origin, "--json", *words,
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


async def test_a_machine_with_both_families_is_served_by_both(tmp_path: Path) -> None:
    """`--host ::`: one port answers by IPv6 and IPv4; the certificate names both, and doctor says what nobody trusts."""
    async with product(tmp_path / "data", host="::") as running:
        port = running.origin.rpartition(":")[2]
        for host in ("[::1]", "127.0.0.1"):
            code, found = await doctor(f"https://{host}:{port}", running.certificate, "--data", str(running.data))
            assert code == 0, found
            assert "trusted here" in found["certificate"]["seen"]
            assert found["live store, appendfsync"]["ok"]
            assert found["records, tables"]["ok"]
        code, found = await doctor(running.origin, tmp_path / "nobody")
        assert code == 1
        assert "does not trust it" in found["certificate"]["seen"]
        assert found["sign-in"]["ok"]
