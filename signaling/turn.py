"""Ways through firewalls: the relays that pages may use, with names and passwords that end by themselves.

The scheme is the one coturn calls `use-auth-secret`: the name is `<end>:<actor>`, the password its HMAC-SHA1 under a
secret that relay and signaling share, so that nothing has to be told to the relay. Never here: what is relayed, and where
to; the relay is told that itself (`config/coturn.conf`).
"""

import re
from base64 import b64encode
from hmac import digest

from rvw.clock import Clock
from rvw.domain.people import Actor
from rvw.errors import InvalidSettings
from rvw.protocol.rest import IceServer, IceServers
from rvw.settings import Turn

_URL = re.compile(r"turns?:([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?")
"""RFC 7065, section 3.1."""


def check(settings: Turn) -> None:
    """Raise `InvalidSettings`, naming the key, for relays that no page could use."""
    for url in settings.urls:
        if not _URL.fullmatch(url):
            raise InvalidSettings(f"turn.urls: {url!r} is not like turns:turn.example.org:443?transport=tcp")
    if settings.urls and not settings.secret:
        raise InvalidSettings("turn.secret is empty: the relay (static-auth-secret) and signaling share one")
    if settings.only and not settings.urls:
        raise InvalidSettings("turn.only is set, but turn.urls names no relay: no page could connect")


class Relays:
    """Makes credentials."""

    def __init__(self, settings: Turn, codecs: tuple[str, ...], clock: Clock) -> None:
        """Raises `InvalidSettings`."""
        check(settings)
        self._settings = settings
        self._codecs = codecs
        self._clock = clock

    def servers(self, actor: Actor) -> IceServers:
        """Return what the actor's browser needs; good for `turn.valid_s`, and to be asked for again at half of it."""
        now = self._clock()
        name = f"{int(now + self._settings.valid_s)}:{actor.id}"
        password = b64encode(digest(self._settings.secret.encode(), name.encode(), "sha1")).decode()
        servers = tuple(IceServer((url,), name, password) for url in self._settings.urls)
        return IceServers(servers, self._settings.only, self._codecs, now + self._settings.valid_s / 2)
