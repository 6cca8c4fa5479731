"""A media worker of ours under load: started on one core, spoken to as signaling does."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx2
import msgspec

from media.core.dtls import Identity
from rvw.cli.bench.path import PASSWORD, UFRAG, Path, remote
from rvw.cli.bench.seats import CODEC_LINES, EXTENSION_LINES, PICTURE, Seat, Server, first_ssrc, settle
from rvw.errors import Unavailable
from rvw.protocol.media import LAYOUT, Bind, Binding, Join, Leave, Tap

SPOOL_KEY = b64encode(bytes(32)).decode()
SECRET = "only this benchmark knows it"  # noqa: S105 (made for one run on loopback)


@contextmanager
def running(core: int, settings: tuple[str, ...] = (), interpreted: bool = False) -> Iterator[Server]:
    """Run a worker on `core`, and wait until it forwards by compiled code, unless it is to be `interpreted`.

    Raises `Unavailable` when it does not start, or has no compiled code.
    """
    settings = ("media.control_port=0", f"media.compiled={str(not interpreted).lower()}", *settings)
    flags = [part for setting in settings for part in ("--set", setting)]
    environment = {**os.environ, "RVW_SECURITY__CONTROL_SECRET": SECRET}
    command = [sys.executable, "-m", "media", *flags]
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=partial(settle, core)
    ) as process:
        try:
            url = f"http://127.0.0.1:{_ready(process)['control']}"
            if httpx2.get(f"{url}/v1/health").json()["compiled"] == interpreted:
                raise Unavailable("the media worker has no compiled code; --interpreted measures it without")
            yield Server("rvw", process.pid, url, "interpreted" if interpreted else "compiled")
        finally:
            process.terminate()


def _ready(process: "subprocess.Popen[str]") -> dict[str, int]:
    """Wait until the worker has said that it is there, and by which code it will forward from then on."""
    ready: dict[str, int] = {}
    for line in process.stderr or ():
        said = json.loads(line)
        if said["event"] == "media worker ready":
            ready = dict(said)
        elif said["event"].startswith("media worker forwards"):
            return ready
    raise Unavailable("the media worker does not start")


class Signalling:
    """Seats synthetic peers at a worker."""

    at_once = 1

    def __init__(self, url: str, *, recorded: bool = False) -> None:
        self._http = httpx2.Client(base_url=url, headers={"authorization": f"Bearer {SECRET}"})
        self._recorded = recorded
        self._bound: list[str] = []
        self._seated: list[str] = []

    def bind(self, visit: int, peers: int) -> None:
        """Let every peer of the visit see and hear every other."""
        bindings = [
            Binding(f"{visit}.{source}", out, f"{visit}.{target}", f"{into}{(source - target) % peers}")
            for target in range(peers)
            for source in range(peers)
            if source != target
            for out, into in (("mic", "voice"), ("camera", "face"))
        ]
        taps: tuple[Tap, ...] = ()
        if self._recorded:
            taps = tuple(Tap(f"{visit}.{peer}", out) for peer in range(peers) for out in ("mic", "camera"))
        self._ask("bind", Bind(f"visit-{visit}", 1, tuple(bindings), taps, SPOOL_KEY if taps else ""))
        self._bound.append(f"visit-{visit}")

    def seat(self, visit: int, peer: int, identity: Identity) -> Seat:
        """Connect one peer: one connection for both directions."""
        first = first_ssrc(visit, peer)
        answer = self._ask("join", Join(f"{visit}.{peer}", offer(identity.fingerprint, first)))["answer"]
        path = Path(identity)
        path.connect(remote(answer))
        self._seated.append(f"{visit}.{peer}")
        return Seat(path, path, first)

    def subscribe(self, visit: int, seats: list[Seat]) -> None:
        """Nothing to do: bindings were there before."""

    def leave(self) -> None:
        """End every visit."""
        for room in self._bound:
            self._ask("bind", Bind(room, 2, ()))
        for peer in self._seated:
            self._ask("leave", Leave(peer))

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _ask(self, what: str, message: msgspec.Struct) -> dict[str, str]:
        response = self._http.post(f"/v1/{what}", content=msgspec.json.encode(message))
        if response.status_code != httpx2.codes.OK:
            raise Unavailable(f"the worker refuses to {what}: {response.text}")
        return dict(response.json())


def offer(fingerprint: str, first: int) -> str:
    """Return an offer with the sections of `LAYOUT`, its SSRCs counted from `first`."""
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(str(number) for number in range(len(LAYOUT))))
    for number, slot in enumerate(LAYOUT):
        lines += [f"m={slot.kind} 9 UDP/TLS/RTP/SAVPF {'111' if slot.kind == 'audio' else '96 97'}"]
        lines += ["c=IN IP4 0.0.0.0", f"a=ice-ufrag:{UFRAG}", f"a=ice-pwd:{PASSWORD}"]
        lines += [f"a=fingerprint:sha-256 {fingerprint}", "a=setup:actpass", f"a=mid:{number}"]
        lines += ["a=rtcp-mux", "a=rtcp-rsize", "a=sendonly" if slot.direction == "out" else "a=recvonly"]
        lines += [*EXTENSION_LINES, *CODEC_LINES[slot.kind]]
        ssrc = first + PICTURE * number
        if slot.direction == "out" and slot.kind == "audio":
            lines += [f"a=ssrc:{ssrc} cname:bench"]
        elif slot.direction == "out":
            lines += [f"a=ssrc-group:FID {ssrc} {ssrc + 1}", f"a=ssrc:{ssrc} cname:bench", f"a=ssrc:{ssrc + 1} cname:bench"]
    return "\r\n".join(lines) + "\r\n"
