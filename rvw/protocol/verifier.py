"""What an outside verifier of identities signs: who stands behind a code, and whether a face is that of a document.

Both are compact JWS (RFC 7515) with these claims. Faces stay with the verifier: we get its word, never a picture.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class CodeClaims(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A resident code (随申码 and the like) or the code of a business licence (电子营业执照), shown on a telephone."""

    iss: Annotated[str, Meta(min_length=1, max_length=100)]
    aud: Literal["rvw"]
    sub: Literal["identity-code"]
    """Differs from that of a verdict, so that one can never pass for the other."""
    exp: float
    """Codes are good for a minute or so: a photograph of one is worth nothing."""
    kind: Literal["person", "business"]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    number: Annotated[str, Meta(min_length=1, max_length=18)]


class VerdictClaims(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether the person before the device is the one whom the verifier's own source has under a number."""

    iss: Annotated[str, Meta(min_length=1, max_length=100)]
    aud: Literal["rvw"]
    sub: Literal["identity-verdict"]
    exp: float
    challenge: Annotated[str, Meta(max_length=200)]
    """Ours, made for this question: an old result answers no new one."""
    number_digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of `<challenge> <number>`: whom it is about, readable only by who knows the number."""
    same: bool
