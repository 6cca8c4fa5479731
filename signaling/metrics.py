"""`/metrics` for Prometheus: what this process and the shared board show now. Figures, never people."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rvw.clock import Clock
from rvw.domain.board import Board
from rvw.domain.people import Role
from rvw.domain.shift import is_free
from rvw.domain.task import Kind
from rvw.domain.visit import State
from signaling.handover.outbox import Outbox
from signaling.hub import Hub
from signaling.media_client import MediaWorkers
from signaling.recordings.composing import Composing
from signaling.sweeper import Sweeper
from signaling.worklist import Worklist


class Figures(Collector):
    """Reads the figures when asked."""

    def __init__(
        self,
        hub: Hub,
        board: Board,
        outbox: Outbox,
        composing: Composing,
        media: MediaWorkers,
        worklist: Worklist,
        sweeper: Sweeper,
        clock: Clock,
    ) -> None:
        self._hub = hub
        self._board = board
        self._outbox = outbox
        self._composing = composing
        self._media = media
        self._worklist = worklist
        self._sweeper = sweeper
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        yield GaugeMetricFamily("rvw_sockets", "WebSockets of this process", len(self._hub))
        states = Counter(line.state for line in self._board.lines.values())
        visits = GaugeMetricFamily("rvw_visits", "Open visits by state", labels=["state"])
        for state in State:
            if state is not State.CLOSED:
                visits.add_metric([state.value], states[state])
        yield visits
        waiting = [line.since for line in self._board.lines.values() if line.state is State.WAITING]
        longest = self._clock() - min(waiting) if waiting else 0.0
        yield GaugeMetricFamily("rvw_longest_wait_seconds", "The longest wait now", longest)
        officers = [shift for shift in self._board.shifts.values() if shift.role is Role.OFFICER]
        yield GaugeMetricFamily("rvw_officers_free", "Officers who can be offered a visit", sum(map(is_free, officers)))
        yield from self._handover()
        yield from self._films()
        yield from self._tasks()
        yield from self._swept()
        yield from self._workers()

    def _swept(self) -> Iterator[Metric]:
        swept = CounterMetricFamily("rvw_orphans", "What had no owner, by how this process mended it", labels=["did"])
        for did, count in self._sweeper.statistics().items():
            swept.add_metric([did], count)
        yield swept

    def _workers(self) -> Iterator[Metric]:
        families = {
            "peers": GaugeMetricFamily("rvw_media_peers", "Peers of each media worker", labels=["worker"]),
            "rooms": GaugeMetricFamily("rvw_media_rooms", "Rooms of each media worker", labels=["worker"]),
            "core_share": GaugeMetricFamily("rvw_media_core_share", "Share of its core, 1 is all", labels=["worker"]),
            "packets_per_s": GaugeMetricFamily("rvw_media_packets_per_second", "That come in", labels=["worker"]),
        }
        states = GaugeMetricFamily("rvw_media_state", "1 for the state it is in", labels=["worker", "state"])
        for worker in self._media.pool().workers:
            for name, family in families.items():
                family.add_metric([worker.url], getattr(worker, name))
            for state in ("serving", "draining", "away"):
                states.add_metric([worker.url, state], worker.state == state)
        yield from (*families.values(), states)

    def _tasks(self) -> Iterator[Metric]:
        known = self._worklist.statistics()
        opened = GaugeMetricFamily("rvw_tasks", "Tasks that are not done", labels=["kind"])
        overdue = GaugeMetricFamily("rvw_tasks_overdue", "Tasks past their deadline that are not done", labels=["kind"])
        for kind in Kind:
            opened.add_metric([kind.value], known.open.get(kind, 0))
            overdue.add_metric([kind.value], known.overdue.get(kind, 0))
        yield opened
        yield overdue

    def _handover(self) -> Iterator[Metric]:
        done = self._outbox.statistics()
        handed = CounterMetricFamily("rvw_handover", "What this process's outbox has done", labels=["what"])
        for what in ("delivered", "acknowledged", "postponed", "refused"):
            handed.add_metric([what], getattr(done, what))
        yield handed

    def _films(self) -> Iterator[Metric]:
        films = self._composing.statistics()
        yield GaugeMetricFamily("rvw_films_waiting", "Recordings of which a film is still to be made", films.waiting)
        longest = self._clock() - films.since if films.waiting else 0.0
        yield GaugeMetricFamily("rvw_films_longest_wait_seconds", "Since when the oldest of them waits", longest)
        made = CounterMetricFamily("rvw_films", "What this process has done about films", labels=["what"])
        for what in ("made", "failed"):
            made.add_metric([what], getattr(films, what))
        yield made


def metrics(figures: Figures) -> Route:
    """Return the route. The reverse proxy does not pass it on."""
    registry = CollectorRegistry()
    registry.register(figures)

    async def serve(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Route("/metrics", serve)
