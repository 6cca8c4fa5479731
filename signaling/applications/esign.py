"""The port to an outside e-signature or e-seal service, which signs the PDF itself with a certificate of its own.

The window's own statement says what happened at the window; a reliable electronic signature in the sense of 电子签名法,
article 13, is an accredited provider's to make. Whoever connects one gives it here: it gets the PDF with the picture, and
what it returns is what is sealed and kept.
"""

from typing import Protocol


class OutsideSigning(Protocol):
    """An e-signature or e-seal service."""

    name: str
    """As the statement calls it; empty for none."""

    async def sign(self, pdf: bytes, title: str, signer: str) -> bytes:
        """Return the PDF, signed as well. Raises `Unavailable`: then nothing is signed, and the person may try again."""


class NoOutsideSigning:
    """There is none: the default. The statement says so."""

    name = ""

    async def sign(self, pdf: bytes, title: str, signer: str) -> bytes:
        """Return the PDF as it is."""
        return pdf
