"""The names of the keys in Redis. All keys of a routing cell share a hash tag, so that one script may touch them all
and Redis Cluster may hold many cells (`DESIGN.md`, section 6)."""

from msgspec import Struct


class Keys(Struct, frozen=True):
    """The keys of one cell."""

    cell: str

    def of(self, name: str) -> str:
        """Return the key called `name`.

        One of `log`, `board`, `deadlines`, `unrecorded`, `leases`, `nodes`, `sockets`, `tasks` (a channel), `workers`,
        `room:<visit>`, `filing:<visit>`, `line_tests:<kiosk>`, `line_tested:<authority>`.
        """
        return f"rvw:{{{self.cell}}}:{name}"

    def stream(self, name: str) -> str:
        """Return the key of a stream: `visit:<id>`, `shift:<actor>`, `notice:<authority>`, or as `marks:<visit>`."""
        return self.of(f"stream:{name}")
