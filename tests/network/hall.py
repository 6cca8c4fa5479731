"""A hall with a network of its own: a namespace whose firewall a test writes, joined to this machine by one cable.

An address that comes or goes breaks what every browser of this machine is loading (Chromium: `ERR_NETWORK_CHANGED`). So
where tests run side by side, all halls are `laid` before the first page is opened, and cleared when all are closed.

Needs root, and a kernel that lets it make namespaces; elsewhere the tests that ask for one are skipped.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal

import pytest

NO_UDP = "chain out { type filter hook output priority 0; meta l4proto udp drop; }"
"""What government networks do; by IPv6 it is left as it is."""

PUBLIC = "198.51.100.7"
"""An address of RFC 5737: nobody's, so that it can be mapped."""


def mapped(host: str) -> str:
    """Return the rules of 1:1 NAT: the public address leads to `host`, and `host` itself cannot be reached by UDP."""
    return f"""
    chain nat {{ type nat hook output priority -100; ip daddr {PUBLIC} dnat to {host}; }}
    chain out {{ type filter hook output priority 0; meta l4proto udp ct original ip daddr {host} drop; }}
    """


LAID: Final = "FIRST_HALL_OF_TESTS"
"""In the environment of tests that run side by side: the number of the first hall; those of the other processes follow.

Not `RVW_…`: the product refuses settings that it does not know."""

MOST: Final = 16
"""How many processes may run side by side: their halls have numbers of their own."""


class Network:
    """A namespace and its addresses. `host` and `host6` are this machine, as it is seen from there."""

    def __init__(self, number: int) -> None:
        self.name, self.near, self.far = f"hall-{number}", f"ha{number}", f"hb{number}"
        self.host, self.there = (
            f"10.{200 + (number >> 14 & 31)}.{number >> 6 & 255}.{(number & 63) * 4 + last}" for last in (1, 2)
        )
        # In the one form that everybody prints (RFC 5952), whatever the number.
        self.host6, self.there6 = (str(ip_address(f"fd77::{number >> 16:x}:{number & 0xFFFF:x}:{last}")) for last in (1, 2))


class Hall:
    """The network of a hall, and a browser in it."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.host, self.host6 = network.host, network.host6
        self.chromium = folder / "chromium-in-hall"
        self.chromium.write_text(f'#!/bin/sh\nexec ip netns exec {network.name} /usr/bin/chromium "$@"\n')
        self.chromium.chmod(0o755)
        self._name = network.name

    def rule(self, rules: str, family: Literal["ip", "ip6"] = "ip") -> None:
        """Let its firewall have these chains for IPv4 or IPv6, and no others."""
        table = f"table {family} hall"
        text = f"{table} {{ }}\ndelete {table}\n{table} {{\n{rules}\n}}\n"
        _run("ip", "netns", "exec", self._name, "nft", "-f", "-", text=text)


@contextmanager
def laid(processes: int) -> Iterator[None]:
    """Make a hall for each of so many test processes, which find them by their environment."""
    first = os.getpid() * MOST
    with ExitStack() as stack:
        try:
            for number in range(processes):
                stack.enter_context(_network(first + number))
        except (OSError, subprocess.CalledProcessError):
            pass  # whoever asks for a hall says why there is none
        else:
            os.environ[LAID] = str(first)
        yield


@contextmanager
def hall(folder: Path) -> Iterator[Hall]:
    """Give a hall without rules: the one of this process, or a new one; skip the test where that is not possible."""
    with ExitStack() as stack:
        number = _own()
        try:
            network = Network(number) if number else stack.enter_context(_network(os.getpid() * MOST))
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no network namespaces here: {error}")
        given = Hall(network, folder)
        try:
            yield given
        finally:
            given.rule("")
            given.rule("", "ip6")


def _own() -> int:
    """Return the number of the hall that was laid for this process; 0 if none was."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    first, count = int(os.environ.get(LAID, "0")), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    return first + int(process) if first and process and int(process) < count else 0


@contextmanager
def _network(number: int) -> Iterator[Network]:
    """Make a namespace with its cable and addresses."""
    it = Network(number)
    _run("ip", "netns", "add", it.name)
    try:
        with _cable(it.name, it.near, it.far):
            _run("ip", "address", "add", f"{it.host}/30", "dev", it.near)
            _run("ip", "link", "set", it.near, "up")
            _run("ip", "address", "add", f"{it.host6}/126", "dev", it.near, "nodad")
            _run("ip", "-n", it.name, "address", "add", f"{it.there}/30", "dev", it.far)
            _run("ip", "-n", it.name, "address", "add", f"{it.there6}/126", "dev", it.far, "nodad")
            for device in (it.far, "lo"):
                _run("ip", "-n", it.name, "link", "set", device, "up")
            _run("ip", "-n", it.name, "route", "add", "default", "via", it.host)
            yield it
    finally:
        _run("ip", "netns", "delete", it.name)


@contextmanager
def _cable(name: str, near: str, far: str) -> Iterator[None]:
    """Join this machine to a namespace. The cable is cut at once; with its namespace alone it would go some time later."""
    _run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
    try:
        yield
    finally:
        _run("ip", "link", "delete", near)


def _run(*words: str, text: str = "") -> None:
    subprocess.run(words, check=True, capture_output=True, input=text.encode())
