"""Seals: a signature over what a document holds, the head of its chain, when it was made and by which key.

A sealed document is `{"<what>": …, "seal": …}` in canonical bytes (`rvw.domain.chain`); any other spelling of the same JSON
is refused, so that no bit of the file is without meaning. The signer is a port: Ed25519 (RFC 8032) is here, SM2 (GM/T 0003)
is one more class with another name in `algorithm`. Where keys are kept is not known here.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from json import JSONDecodeError, loads
from typing import Any, Final, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.chain import canonical, sha256
from rvw.errors import InvalidInput, NotWhole

SCHEMA: Final = "rvw.seal/1"
ED25519: Final = "Ed25519"

SKEW_S: Final[Seconds] = 60.0
"""How far clocks may differ, and how long a seal under way may take, when a key is changed."""


class Statement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed, in canonical bytes."""

    schema: str
    what: str
    """The kind of document, so that a seal of one can never pass for that of another."""
    sha256: str
    """Of the canonical bytes of the document's content."""
    head: str
    """The last link of its chain; empty for a document without one."""
    algorithm: str
    key: str
    """The key's id: its thumbprint by RFC 7638."""
    sealed_at: Instant


class Seal(Struct, frozen=True, forbid_unknown_fields=True):
    """A statement with its signature, in base64url."""

    statement: Statement
    signature: str


class PublicKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A public key as RFC 7517 and 8037 write it, with the time in which it signed."""

    kid: str
    kty: str
    crv: str
    x: str
    use: str
    since: Instant
    until: Instant | None
    """`None` while it is in use."""


class PublicKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """What is published, and all that an auditor needs of us."""

    keys: tuple[PublicKey, ...]


class Signer(Protocol):
    """Something that signs with one key."""

    algorithm: str
    key: str

    def sign(self, statement: bytes) -> bytes:
        """Return the signature over the bytes."""
        ...


class Ed25519Signer:
    """Signs with an Ed25519 key that this process holds."""

    algorithm = ED25519

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._x = _base64(private.public_key().public_bytes_raw())
        self.key = thumbprint("OKP", ED25519, self._x)

    def sign(self, statement: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(statement)

    def public(self, since: Instant, until: Instant | None = None) -> PublicKey:
        """Return what may be published of the key."""
        return PublicKey(kid=self.key, kty="OKP", crv=ED25519, x=self._x, use="sig", since=since, until=until)


def thumbprint(kty: str, crv: str, x: str) -> str:
    """Return the id of a key: RFC 7638, section 3."""
    return _base64(bytes.fromhex(sha256(canonical({"crv": crv, "kty": kty, "x": x}))))


def seal(what: str, content: object, head: str, signer: Signer, now: Instant) -> bytes:
    """Return the sealed document with this content, in canonical bytes."""
    statement = Statement(
        schema=SCHEMA,
        what=what,
        sha256=sha256(canonical(content)),
        head=head,
        algorithm=signer.algorithm,
        key=signer.key,
        sealed_at=now,
    )
    signature = _base64(signer.sign(canonical(statement)))
    return canonical({what: msgspec.to_builtins(content), "seal": msgspec.to_builtins(Seal(statement, signature))})


def opened(what: str, data: bytes, keys: PublicKeys) -> tuple[dict[str, Any], Seal]:
    """Return the content of a sealed document, as plain JSON, and its seal.

    Raises `NotWhole` that names what does not fit, in this order: the JSON and its spelling, the seal's form, the content's
    hash, the key, the signature.
    """
    document = _document(what, data)
    try:
        found = msgspec.convert(document["seal"], Seal)
    except msgspec.ValidationError as error:
        raise NotWhole(f"the seal is not one: {error}") from error
    statement = found.statement
    if (statement.schema, statement.what) != (SCHEMA, what):
        raise NotWhole(f"the seal is not that of a {what}")
    if sha256(canonical(document[what])) != statement.sha256:
        raise NotWhole(f"the content of the {what} does not fit the hash in its seal")
    _check_signature(statement, found.signature, keys)
    return document[what], found


def public_keys(data: bytes) -> PublicKeys:
    """Return the keys of a published file. Raises `InvalidInput` if it is none, or a key does not fit its id."""
    try:
        keys = msgspec.json.decode(data, type=PublicKeys)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"this is no file of public keys: {error}") from error
    for key in keys.keys:
        if key.kid != thumbprint(key.kty, key.crv, key.x):
            raise InvalidInput(f"the public key {key.kid} does not fit its id")
    return keys


def content_of(what: str, data: bytes) -> dict[str, Any]:
    """Return the content of a sealed document without looking at the seal. Raises `NotWhole` if it is none."""
    content: dict[str, Any] = _document(what, data)[what]
    return content


def _document(what: str, data: bytes) -> dict[str, Any]:
    try:
        document = loads(data.decode())
        spelt = canonical(document)
    except (UnicodeDecodeError, JSONDecodeError, RecursionError, InvalidInput) as error:
        raise NotWhole(f"this is no JSON of a {what}: {error}") from error
    if not isinstance(document, dict) or set(document) != {what, "seal"} or not isinstance(document[what], dict):
        raise NotWhole(f"this is no sealed {what}")
    if spelt != data:
        raise NotWhole(f"the JSON of the {what} is not written in the canonical way (RFC 8785)")
    return document


def _check_signature(statement: Statement, signature: str, keys: PublicKeys) -> None:
    known = {key.kid: key for key in keys.keys}
    if (key := known.get(statement.key)) is None:
        raise NotWhole(f"the seal is by the key {statement.key}, which is not among the public keys given")
    until = key.until or statement.sealed_at
    if not key.since - SKEW_S <= statement.sealed_at <= until + SKEW_S:
        raise NotWhole(f"the key {key.kid} was not in use when the seal says it was made")
    verify = VERIFIERS.get(statement.algorithm)
    if verify is None or statement.algorithm != key.crv:
        raise NotWhole(f"the seal's algorithm {statement.algorithm} does not fit its key")
    try:
        written = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        verify(urlsafe_b64decode(key.x + "=" * (-len(key.x) % 4)), written, canonical(statement))
    except (InvalidSignature, NotBase64, ValueError) as error:
        raise NotWhole("the seal's signature does not fit") from error
    if _base64(written) != signature:
        raise NotWhole("the seal's signature is not written in the canonical way")


def _verify_ed25519(public: bytes, signature: bytes, statement: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)


VERIFIERS: Final[Mapping[str, Any]] = {ED25519: _verify_ed25519}
"""By the name of the algorithm: `(public key, signature, statement)`, raising `InvalidSignature`."""


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
