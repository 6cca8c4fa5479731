"""The made-up verifier of the demonstration: signs codes and verdicts about made-up people with a key of its own.

The window trusts it only because `rvw up` with the demo's people names its public key; a real window names the key of a
real verifier, and these codes are nothing to it.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from joserfc import jwt
from joserfc.jwk import OKPKey

from rvw.cli.devices.bench import SimPerson
from rvw.clock import Clock
from rvw.protocol import verifier

PRIVATE, PUBLIC = "demo-verifier.json", "demo-verifier-public.json"
ISSUER = "https://verifier.example"
LIVES_S = 60.0


class Issuer:
    """Signs with the key of a data folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Make the key if there is none."""
        self._key = _key(folder)
        self._clock = clock

    def code(self, person: SimPerson) -> str:
        """Return the code on the person's telephone."""
        claims = verifier.CodeClaims(
            iss=ISSUER,
            aud="rvw",
            sub="identity-code",
            exp=self._clock() + LIVES_S,
            kind=person.kind,
            name=person.name,
            number=person.number,
        )
        return self._signed(claims)

    def verdict(self, person: SimPerson, challenge: str, same: bool) -> str:
        """Return the result for a person who has looked at the device."""
        digest = hashlib.sha256(f"{challenge} {person.number}".encode()).hexdigest()
        claims = verifier.VerdictClaims(
            iss=ISSUER,
            aud="rvw",
            sub="identity-verdict",
            exp=self._clock() + LIVES_S,
            challenge=challenge,
            number_digest=digest,
            same=same,
        )
        return self._signed(claims)

    def _signed(self, claims: verifier.CodeClaims | verifier.VerdictClaims) -> str:
        header = {"alg": "Ed25519", "kid": self._key.thumbprint()}
        return jwt.encode(header, msgspec.to_builtins(claims), self._key, algorithms=["Ed25519"])


def public_file(folder: Path) -> Path:
    """Return the file with the public key of the made-up verifier, as the setting `identity.verifier_keys` wants it."""
    _key(folder)
    return folder / PUBLIC


def _key(folder: Path) -> OKPKey:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / PRIVATE
    if not file.exists():
        key = OKPKey.generate_key("Ed25519")
        _keep(file, lambda: json.dumps(key.as_dict(private=True)))
    key = OKPKey.import_key(json.loads(file.read_text()))
    public = {**key.as_dict(private=False), "kid": key.thumbprint()}
    _keep(folder / PUBLIC, lambda: json.dumps({"keys": [public]}))
    return key


def _keep(file: Path, text: Callable[[], str]) -> None:
    """Write a file once, whole, readable by its owner only."""
    if file.exists():
        return
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text())
    fresh.replace(file)
