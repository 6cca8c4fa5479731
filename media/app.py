"""The composition root of a media worker: reads top to bottom as the list of its parts."""

import asyncio
import gc
import ipaddress
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn

from media.compiling import hasten
from media.control import Control
from media.core.codecs import VIDEO
from media.core.worker import Limits
from media.datagrams import Datagrams
from media.load import Load
from media.recorder import Recorder
from media.registration import keep_registered
from media.shell import Shell, addresses
from media.spooling import Spool
from media.steady import SteadyClock
from media.waiting import Waiting
from rvw.errors import InvalidSettings
from rvw.settings import Media

CONTROL_BACKLOG = 256

GC_ALLOCATIONS = 50_000
"""Objects made beyond those freed before the collector looks: joins leave cycles, a joined peer about 2,000 objects."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: it would raise the signal again after the stop and spoil the exit code."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(settings: Media, control_secret: str, log_level: str, compiled: Path, spool: Path) -> None:
    """Run a worker until SIGTERM or SIGINT. Machine code is kept in the folder `compiled`, recordings in `spool`.

    Raises `InvalidSettings` for settings it cannot work with, among them ports that are taken.
    """
    check(settings, control_secret)
    configure_logs(log_level)
    waiting = Waiting()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(waiting)) as runner:
        runner.run(_run(settings, control_secret, compiled, spool, waiting))


def check(settings: Media, control_secret: str) -> None:
    """Raise `InvalidSettings` for what `rvw.settings` cannot know to be wrong."""
    if not control_secret:
        raise InvalidSettings("security.control_secret is empty: anybody could control this worker")
    for address in (settings.host, *settings.announce):
        _check_address(address)
    unknown = [codec for codec in settings.codecs if codec not in VIDEO]
    if unknown or not settings.codecs:
        raise InvalidSettings(f"media.codecs takes {', '.join(sorted(VIDEO))}, not {', '.join(unknown) or 'nothing'}")


def _check_address(address: str) -> None:
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise InvalidSettings(f"media.host and media.announce take IP addresses, not {address!r}") from error


def configure_logs(level: str) -> None:
    """Write structured logs to standard error: JSON lines, or coloured text on a terminal."""
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


async def _run(settings: Media, control_secret: str, compiled: Path, spool: Path, waiting: Waiting) -> None:
    log = structlog.get_logger()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    clock = SteadyClock()
    datagrams = _open(settings, clock)
    listener = _listen(settings)
    control = Control(control_secret)
    limits = Limits(
        codecs=settings.codecs,
        max_peers=settings.max_peers,
        consent_s=settings.consent_s,
        max_video_bps=settings.max_video_bps,
    )
    candidates = addresses(settings.host, settings.announce)
    control.spool = Spool(spool, secrets.token_urlsafe(9))
    control.recorder = Recorder(control.spool, control.notify, clock)
    shell = control.shell = Shell(limits, datagrams, candidates, control.notify, clock, control.recorder.follow)
    waiting.meanwhile = shell.forward
    control.load = Load(shell.worker.count)
    server = _Server(
        uvicorn.Config(
            control.app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
    )
    control_port = listener.getsockname()[1]
    log.info("media worker ready", udp=datagrams.port, control=control_port, candidates=candidates)
    _spare_the_collector()
    try:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listener]))
            hastening = _hasten(datagrams, compiled if settings.compiled else None)
            beating = [tasks.create_task(part) for part in (control.keep_alive(), control.recorder.run(), hastening)]
            if settings.signaling:
                url = settings.control_url or f"http://{settings.control_host}:{control_port}"
                beating.append(tasks.create_task(keep_registered(url, settings.signaling, control_secret)))
            await _first(stopping, serving)
            control.close()
            server.should_exit = True
            for task in beating:
                task.cancel()
    finally:
        waiting.meanwhile = None
        shell.close()
    log.info("media worker stopped")


async def _hasten(datagrams: Datagrams, compiled: Path | None) -> None:
    """Forward by compiled code as soon as there is some; say so, or why not: it is slower, and nothing else, without."""
    reason = await hasten(compiled, datagrams.hasten) if compiled else "media.compiled is false"
    if reason:
        structlog.get_logger().warning("media worker forwards without compiled code", reason=reason)
    else:
        structlog.get_logger().info("media worker forwards by compiled code")


def _spare_the_collector() -> None:
    """Look for cycles seldom: packets make none, and each look walks over every packet kept (5 % of the time, measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS, 10, 100)


async def _first(stopping: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Wait until told to stop, or until the control server has stopped by itself."""
    serving.add_done_callback(lambda _: stopping.set())
    await stopping.wait()


def _open(settings: Media, clock: SteadyClock) -> Datagrams:
    try:
        return Datagrams(settings.host, settings.udp_port, clock)
    except OSError as error:
        raise InvalidSettings(f"media.host, media.udp_port: cannot bind UDP there ({error.strerror})") from error


def _listen(settings: Media) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.control_host else socket.AF_INET
    try:
        listener = socket.create_server(
            (settings.control_host, settings.control_port), family=family, backlog=CONTROL_BACKLOG
        )
    except OSError as error:
        raise InvalidSettings(f"media.control_host, media.control_port: cannot listen ({error.strerror})") from error
    # Who is accepted inherits it; asyncio forgets it for sockets that it has not made, and every join would wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
