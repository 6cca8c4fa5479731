"""Janus under the same load: Debian's package, its videoroom plugin, on loopback, with a configuration of its own.

Every peer has two connections there, as Janus' own pages have: one that publishes, one that subscribes to the others.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path as File
from threading import Lock
from typing import Any

from websockets.sync.client import connect

from media.core.dtls import Identity
from rvw.cli.bench.network import ADDRESS
from rvw.cli.bench.path import PASSWORD, UFRAG, Path, remote
from rvw.cli.bench.seats import CODEC_LINES, EXTENSION_LINES, PICTURE, Seat, Server, first_ssrc, settle
from rvw.errors import Unavailable

PLUGINS = File("/usr/lib/x86_64-linux-gnu/janus/plugins")
START_S = 10.0
ANSWER_S = 10.0

_KEPT_FROM_OFFER = ("a=mid:", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=rtcp-mux", "a=rtcp-rsize")


@contextmanager
def running(core: int, event_loops: int = 0) -> Iterator[Server]:
    """Run Janus on `core`; 0 `event_loops` is its default, a thread for each connection."""
    program = shutil.which("janus")
    if program is None:
        raise Unavailable("Janus is not installed: apt-get install --no-install-recommends janus")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="rvw-bench-janus-") as folder:
        configure(File(folder), port, event_loops)
        command = [program, "--configs-folder", folder, "--disable-colors"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=partial(settle, core)
        ) as process:
            try:
                _wait(process, port)
                yield Server("janus", process.pid, f"ws://127.0.0.1:{port}", "server's own")
            finally:
                process.terminate()


def configure(folder: File, port: int, event_loops: int) -> None:
    """Write a configuration that is reached from this machine only and asks nobody outside for anything."""
    plugins = _others(PLUGINS, "libjanus_videoroom.so")
    transports = _others(PLUGINS.parent / "transports", "libjanus_websockets.so")
    (folder / "janus.jcfg").write_text(
        f"""general: {{
  configs_folder = "{folder}"
  plugins_folder = "{PLUGINS}"
  transports_folder = "{PLUGINS.parent / "transports"}"
  events_folder = "{folder}"
  loggers_folder = "{folder}"
  debug_level = 2
  session_timeout = 0
  event_loops = {event_loops}
}}
certificates: {{ }}
media: {{ ipv6 = false }}
nat: {{
  ice_lite = true
  ice_enforce_list = "{ADDRESS}"
}}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
    )
    (folder / "janus.transport.websockets.jcfg").write_text(
        f'general: {{ json = "compact" ws = true ws_port = {port} ws_ip = "127.0.0.1" wss = false }}\n'
        "admin: { admin_ws = false admin_wss = false }\n"
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")


def _others(folder: File, wanted: str) -> str:
    """Return the plugins in `folder` that are not wanted, as Janus takes them."""
    return ",".join(sorted(file.name for file in folder.glob("*.so") if file.name != wanted))


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            os.sched_yield()
        else:
            return
    raise Unavailable("Janus does not start")


class Signalling:
    """Seats synthetic peers in videorooms."""

    at_once = 8
    """Janus answers the first flight of a handshake only when it comes again a second later: two seconds for each peer."""

    def __init__(self, url: str) -> None:
        self._asking = Lock()
        self._socket = connect(url, subprotocols=["janus-protocol"], max_size=1 << 20)  # type: ignore[list-item]
        self._number = 0
        self._feeds: dict[tuple[int, int], int] = {}
        self._session: int = self._ask({"janus": "create"})["data"]["id"]

    def bind(self, visit: int, peers: int) -> None:
        """Make the room."""
        room = {"request": "create", "room": visit + 1, "publishers": peers, "bitrate": 2_500_000, "fir_freq": 0}
        self._message(self._attach(), {**room, "audiocodec": "opus", "videocodec": "vp8"}, None, "success")

    def seat(self, visit: int, peer: int, identity: Identity) -> Seat:
        """Publish."""
        first = first_ssrc(visit, peer)
        body = {"request": "joinandconfigure", "ptype": "publisher", "room": visit + 1, "audio": True, "video": True}
        jsep = {"type": "offer", "sdp": _offer(identity.fingerprint, first), "trickle": False}
        said = self._message(self._attach(), body, jsep)
        self._feeds[visit, peer] = said["plugindata"]["data"]["id"]
        path = Path(identity)
        path.connect(remote(said["jsep"]["sdp"]))
        return Seat(path, Path(identity), first)

    def subscribe(self, visit: int, seats: list[Seat]) -> None:
        """Give every peer a second connection for what the others publish."""
        for peer, seat in enumerate(seats):
            self._subscribe(visit, [self._feeds[visit, it] for it in range(len(seats)) if it != peer], seat.inward)

    def leave(self) -> None:
        """Nothing to do: Janus ends what a session had when it hangs up."""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _subscribe(self, visit: int, feeds: list[int], path: Path) -> None:
        handle = self._attach()
        body = {"request": "join", "ptype": "subscriber", "room": visit + 1, "streams": [{"feed": it} for it in feeds]}
        offered: str = self._message(handle, body)["jsep"]["sdp"]
        jsep = {"type": "answer", "sdp": _answer(offered, path.fingerprint), "trickle": False}
        self._message(handle, {"request": "start"}, jsep)
        path.connect(remote(offered))

    def _attach(self) -> int:
        return int(self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})["data"]["id"])

    def _message(self, handle: int, body: dict[str, Any], jsep: Any = None, until: str = "event") -> dict[str, Any]:
        said = self._ask({"janus": "message", "handle_id": handle, "body": body, "jsep": jsep}, until)
        failed = said["plugindata"]["data"].get("error")
        if failed:
            raise Unavailable(f"Janus refuses to {body['request']}: {failed}")
        return said

    def _ask(self, request: dict[str, Any], until: str = "success") -> dict[str, Any]:
        with self._asking:
            return self._answer(request, until)

    def _answer(self, request: dict[str, Any], until: str) -> dict[str, Any]:
        self._number += 1
        request = {name: value for name, value in request.items() if value is not None}
        if request["janus"] != "create":
            request["session_id"] = self._session
        self._socket.send(json.dumps({**request, "transaction": str(self._number)}))
        while True:
            said: dict[str, Any] = json.loads(self._socket.recv(ANSWER_S))
            if said.get("transaction") != str(self._number):
                continue
            if said["janus"] == "error":
                raise Unavailable(f"Janus refuses: {said['error']['reason']}")
            if said["janus"] == until:
                return said


def _offer(fingerprint: str, first: int) -> str:
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=msid-semantic: WMS bench"]
    for number, kind in enumerate(("audio", "video")):
        ssrc = first + PICTURE * number
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {'111' if kind == 'audio' else '96 97'}", "c=IN IP4 0.0.0.0"]
        lines += [*_transport(fingerprint), f"a=mid:{number}", "a=rtcp-mux", "a=rtcp-rsize", "a=sendonly"]
        lines += [*EXTENSION_LINES, *CODEC_LINES[kind], f"a=msid:bench {kind}"]
        lines += [f"a=ssrc-group:FID {ssrc} {ssrc + 1}"] if kind == "video" else []
        lines += [f"a=ssrc:{ssrc} cname:bench"] + ([f"a=ssrc:{ssrc + 1} cname:bench"] if kind == "video" else [])
    return "\r\n".join(lines) + "\r\n"


def _answer(offer: str, fingerprint: str) -> str:
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for line in offer.splitlines():
        if line.startswith("a=group:"):
            lines.append(line)
        elif line.startswith("m="):
            lines += [line, "c=IN IP4 0.0.0.0", *_transport(fingerprint), "a=recvonly"]
        elif line.startswith(_KEPT_FROM_OFFER):
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def _transport(fingerprint: str) -> list[str]:
    """Return our end; the client takes the active DTLS role at both servers."""
    own = [f"a=ice-ufrag:{UFRAG}", f"a=ice-pwd:{PASSWORD}", f"a=fingerprint:sha-256 {fingerprint}"]
    return [*own, "a=setup:active"]
