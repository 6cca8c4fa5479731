"""Debian's coturn with the shipped configuration, for tests: its own ports, a certificate of its own, one allowed peer."""

import asyncio
import hashlib
import os
import shutil
import socket
from asyncio.subprocess import DEVNULL, Process
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config import FOLDER
from rvw.cli.machine import free_port, is_loopback, own_certificate

SECRET = "a secret that the relay and signaling share"

START_S = 20.0


class Relay:
    """A running relay."""

    def __init__(self, host: str, port: int, tls_port: int, certificate: Path) -> None:
        self.udp = f"turn:{host}:{port}?transport=udp"
        self.tcp = f"turn:{host}:{port}?transport=tcp"
        self.tls = f"turns:{host}:{tls_port}?transport=tcp"
        self.certificate = certificate

    def settings(self, *urls: str, only: bool = False) -> list[str]:
        """Return the words that make the product use it."""
        words = [f"turn.urls={','.join(urls)}", f"turn.secret={SECRET}", f"turn.only={str(only).lower()}"]
        return [word for setting in words for word in ("--set", setting)]


def trust(*certificates: Path) -> str:
    """Return Chromium's flag that makes it take these certificates, and no other that it does not know."""
    return f"--ignore-certificate-errors-spki-list={','.join(map(_fingerprint, certificates))}"


def _fingerprint(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return b64encode(hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()).decode()


@asynccontextmanager
async def relay(folder: Path, host: str = "127.0.0.1") -> AsyncIterator[Relay]:
    """Run it at `host`, the only peer that it is allowed to lead to."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: ./rvw.sh test installs it"
    certificate, key = _certificate(folder, host)
    port, tls_port = free_port(host), free_port(host)
    words = [
        "-c",
        str(FOLDER / "coturn.conf"),
        "--cert",
        str(certificate),
        "--pkey",
        str(key),
        "--realm",
        "turn.example.org",
    ]
    words += ["--listening-ip", host, "--relay-ip", host, "--listening-port", str(port)]
    words += ["--tls-listening-port", str(tls_port), "--static-auth-secret", SECRET, "--pidfile", str(folder / "pid")]
    words += ["--allowed-peer-ip", host, "--db", str(folder / "db")]
    words += ["--allow-loopback-peers"] if is_loopback(host) else []
    with (folder / "turnserver.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, *words, stdin=DEVNULL, stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)}
        )
    try:
        await _listens(process, (host, port), (host, tls_port))
        yield Relay(host, port, tls_port, certificate)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return own_certificate(folder, host)


async def _listens(process: Process, *addresses: tuple[str, int]) -> None:
    async with asyncio.timeout(START_S):
        while not all(map(_open, addresses)):
            assert process.returncode is None, "coturn does not start"
            await asyncio.sleep(0.02)


def _open(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0
