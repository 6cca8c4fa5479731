"""`rvw doctor` on the servers' side: whether what was acknowledged would still be there after a power cut.

Asks the live store and the database about themselves. Nothing is changed.
"""

from collections.abc import Mapping
from typing import Any

from rvw.cli.finding import Finding
from rvw.errors import RvwError

WANTED: Mapping[str, tuple[str, str]] = {
    "appendonly": ("yes", "without the append-only file a restart loses every queue and every running visit"),
    "appendfsync": ("always", "a power cut loses events that people were told of"),
    "aof-use-rdb-preamble": ("no", "what was deleted of visits is carried on in the file"),
    "maxmemory-policy": ("noeviction", "when memory is short, visits are thrown away without a word"),
}
"""What config/redis.conf sets, and what another value means."""

FULL = 0.8
"""Above this share of `maxmemory` it is time to give more: at the whole, writes are refused and the window closes."""


async def live_store(url: str) -> list[Finding]:
    """Look at Redis or Valkey."""
    from signaling.ledger import connect, settings_of

    try:
        async with connect(url) as client:
            settings, state = await settings_of(client, [*WANTED, "maxmemory"])
    except RvwError as error:
        return [Finding("live store", False, str(error), "start it; see that the address and the password are right")]
    except ValueError:
        return [Finding("live store", False, "no address of Redis", "redis://HOST:6379, rediss://… or unix:///PATH")]
    return [*(_setting(name, settings.get(name, "")) for name in WANTED), _writes(state), _room(settings, state)]


def _setting(name: str, found: str) -> Finding:
    wanted, harm = WANTED[name]
    seen = f"{name} {found}" if found else f"{name} cannot be asked: CONFIG is not allowed"
    return Finding(f"live store, {name}", found == wanted, seen, f"set `{name} {wanted}` (config/redis.conf): {harm}")


def _writes(state: Mapping[str, Any]) -> Finding:
    last = str(state.get("aof_last_write_status", "unknown"))
    return Finding("live store, disk", last == "ok", f"last write {last}", "see its log: the disk is full or broken")


def _room(settings: Mapping[str, str], state: Mapping[str, Any]) -> Finding:
    used, limit = int(state.get("used_memory", 0)), int(settings.get("maxmemory", "0") or 0)
    seen = f"{used / 1024**2:.0f} MiB used of {f'{limit / 1024**2:.0f} MiB' if limit else 'what the machine has'}"
    return Finding("live store, memory", not limit or used < FULL * limit, seen, "raise maxmemory before it is full")


async def records(url: str) -> list[Finding]:
    """Look at the database."""
    from signaling.records.examination import examine

    try:
        found = await examine(url)
    except RvwError as error:
        return [Finding("records", False, str(error), "start the database; see that store.sql is right")]
    tables = "up to date" if found.tables == found.wanted else f"at step {found.tables or 'none'}, not {found.wanted}"
    careless = ", ".join(found.careless)
    return [
        Finding("records, tables", tables == "up to date", tables, "start signaling of this version once"),
        Finding(
            "records, power cut", not careless, careless or f"{found.server} keeps what it has answered",
            "PostgreSQL: set what is named to `on`; SQLite: put the data folder on a disk of this machine",
        ),
        Finding("records, file", not found.damage, found.damage or "whole", "stop signaling, and restore a copy"),
    ]  # fmt: skip
