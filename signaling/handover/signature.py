"""The secret shared with a case system, as Standard Webhooks wants it.

`whsec_…` is base64 of the key, as their specification writes it; any other text is the key itself, in UTF-8.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final

from standardwebhooks import Webhook

from rvw.errors import InvalidSettings

PREFIX: Final = "whsec_"


def webhook(secret: str) -> Webhook:
    """Return what signs and verifies with this secret. Raises `InvalidSettings` if it is empty or no base64."""
    if not secret:
        raise InvalidSettings("handover.secret is empty: the case system could not tell our records from anybody's")
    if not secret.startswith(PREFIX):
        return Webhook(secret.encode())
    text = secret.removeprefix(PREFIX)
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except NotBase64 as error:
        raise InvalidSettings(f"handover.secret begins with {PREFIX} but is no base64") from error
    if not key:
        raise InvalidSettings(f"handover.secret is {PREFIX} and nothing else")
    return Webhook(key)
