"""The secret shared with a case system, as Standard Webhooks wants it.

`whsec_…` is base64 of the key, as their specification writes it; any other text is the key itself, in UTF-8.
"""

from binascii import Error as NotBase64

from standardwebhooks import Webhook

from rvw.errors import InvalidSettings


def webhook(secret: str) -> Webhook:
    """Return what signs and verifies with this secret. Raises `InvalidSettings` if it is empty or no base64."""
    if not secret:
        raise InvalidSettings("handover.secret is empty: the case system could not tell our records from anybody's")
    try:
        return Webhook(secret if secret.startswith("whsec_") else secret.encode())
    except (NotBase64, ValueError) as error:
        raise InvalidSettings("handover.secret begins with whsec_ but is no base64") from error
