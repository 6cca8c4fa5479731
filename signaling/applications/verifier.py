"""Who is believed about who somebody is, beside the chip of a card: a port, and verifiers whose public keys are known.

A verifier signs what it says (`rvw.protocol.verifier`). Codes on telephones and verdicts about faces come through pages and
bridges, which are believed nothing: only the signature counts. No picture of a face comes here.
"""

import json
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from rvw.clock import Clock
from rvw.errors import InvalidDocument, InvalidSettings, Unavailable
from rvw.protocol.verifier import CodeClaims, VerdictClaims

ALGORITHMS = ("Ed25519", "ES256")
SKEW_S = 5.0

Claims = TypeVar("Claims", CodeClaims, VerdictClaims)


class IdentityVerifier(Protocol):
    """Somebody outside who knows who people and businesses are."""

    def code(self, shown: str) -> CodeClaims:
        """Return who stands behind a code. Raises `InvalidDocument` for one that is not signed, or over; `Unavailable`."""

    def verdict(self, result: str) -> VerdictClaims:
        """Return what a verifier has found. Raises `InvalidDocument`, `Unavailable`."""


class NoVerifier:
    """Nobody is believed: the default. Officers see document and face, and cards are read."""

    def code(self, shown: str) -> CodeClaims:
        """Refuse."""
        raise Unavailable("this window knows no issuer of codes: see identity.verifier_keys")

    def verdict(self, result: str) -> VerdictClaims:
        """Refuse."""
        raise Unavailable("this window knows no verifier: see identity.verifier_keys")


class SignedVerifier:
    """Believes whatever is signed with one of the keys of a JWK Set (RFC 7517), and not over."""

    def __init__(self, keys: KeySet, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def code(self, shown: str) -> CodeClaims:
        """Return who stands behind a code."""
        return self._opened(shown, CodeClaims)

    def verdict(self, result: str) -> VerdictClaims:
        """Return what a verifier has found."""
        return self._opened(result, VerdictClaims)

    def _opened(self, text: str, kind: type[Claims]) -> Claims:
        try:
            token = jwt.decode(text, self._keys, algorithms=list(ALGORITHMS))
            claims = msgspec.convert(token.claims, kind)
        except (JoseError, ValueError) as error:  # msgspec's ValidationError is a ValueError
            raise InvalidDocument("this is signed by nobody whom this window knows, or says something else") from error
        if claims.exp + SKEW_S < self._clock():
            raise InvalidDocument("this code or result is over: show a fresh one")
        return claims


def open_verifier(file: str, clock: Clock) -> IdentityVerifier:
    """Return the verifier of `identity.verifier_keys`. Raises `InvalidSettings` if the file holds no keys."""
    if not file:
        return NoVerifier()
    try:
        return SignedVerifier(KeySet.import_key_set(json.loads(Path(file).read_text(encoding="utf-8"))), clock)
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise InvalidSettings(f"identity.verifier_keys: {file} holds no JWK Set: {error}") from error
