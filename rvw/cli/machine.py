"""What one machine needs beside the code: a data folder that is ours alone, its secrets, ports, and a certificate."""

import contextlib
import fcntl
import ipaddress
import os
import secrets
import socket
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from msgspec import Struct, convert

from rvw.errors import InvalidSettings

CERTIFICATE_DAYS = 397
"""The longest life of a certificate that browsers take."""


class Secrets(Struct, frozen=True):
    """Made once for a data folder, readable by its owner only."""

    secret: str
    control_secret: str
    contact_secret: str
    handover_secret: str


def claim(data: Path) -> IO[str]:
    """Make the data folder ours until the returned file is closed. Raises `InvalidSettings` when another run has it."""
    data.mkdir(parents=True, exist_ok=True)
    lock = (data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise InvalidSettings(f"another ./rvw.sh up uses {data}: stop it, or give --data another folder") from error
    return lock


def own_secrets(data: Path) -> Secrets:
    """Return the folder's secrets, made by the first call; a folder of an older version gets those it lacks."""
    file = data / "secrets.toml"
    file.touch(mode=0o600)
    made = {name: secrets.token_urlsafe(48) for name in ("secret", "control_secret", "contact_secret")}
    # Standard Webhooks 1.1, "Signature scheme": base64 of 24 to 64 bytes, with this prefix.
    made["handover_secret"] = f"whsec_{_base64(secrets.token_bytes(32))}"
    kept = tomllib.loads(file.read_text())
    if made.keys() - kept.keys():
        file.write_text("".join(f'{name} = "{one}"\n' for name, one in (made | kept).items()))
    return convert(made | kept, Secrets)


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()


def free_port(host: str, wanted: int = 0) -> int:
    """Return `wanted` if nobody listens there, else any free TCP port."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise InvalidSettings(f"no port is free at {host}")


def free_ports(host: str, count: int) -> list[int]:
    """Return so many different free TCP ports."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server((host, 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def reached_at(host: str) -> list[str]:
    """Return the addresses that a server bound to `host` has from the inside."""
    by_6 = addresses(socket.AF_INET6) if host == "::" else []
    return [*by_6, *addresses()] if host in ("0.0.0.0", "::") else [host]  # noqa: S104 - compared, not bound


def own_certificate(data: Path, host: str) -> tuple[Path, Path]:
    """Return a certificate and key for `host` and this machine's names, self-made: browsers ask before they trust it."""
    certificate, key_file = data / "certificate.pem", data / "private-key.pem"
    if certificate.exists() and key_file.exists():
        return certificate, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Remote Virtual Window")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    key_file.touch(mode=0o600)
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(built.public_bytes(Encoding.PEM))
    return certificate, key_file


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(socket.gethostname())]
    for address in {host, "127.0.0.1", "::1", *addresses(), *addresses(socket.AF_INET6)}:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        except ValueError:
            names.append(x509.DNSName(address))
    return names


def addresses(family: socket.AddressFamily = socket.AF_INET) -> list[str]:
    """Return this machine's addresses of a family, those left out that only itself or its own cable knows."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, family)}
    except OSError:
        return []
    parsed = map(ipaddress.ip_address, (one for one in found if "%" not in one))
    return sorted(str(one) for one in parsed if not (one.is_loopback or one.is_link_local))


def newest(paths: list[Path]) -> float:
    """Return when the newest file below `paths` was changed; 0 when there is none."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return max((os.stat(file).st_mtime for file in files if file.is_file()), default=0.0)
