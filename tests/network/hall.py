"""A hall with a network of its own: a namespace whose firewall a test writes, joined to this machine by one cable.

Needs root, and a kernel that lets it make namespaces; elsewhere the tests that ask for one are skipped.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

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


class Hall:
    """The network of a hall. `host` and `host6` are this machine, as it is seen from there."""

    def __init__(self, name: str, host: str, host6: str, folder: Path) -> None:
        self.host, self.host6 = host, host6
        self.chromium = folder / "chromium-in-hall"
        self.chromium.write_text(f'#!/bin/sh\nexec ip netns exec {name} /usr/bin/chromium "$@"\n')
        self.chromium.chmod(0o755)
        self._name = name

    def rule(self, rules: str, family: Literal["ip", "ip6"] = "ip") -> None:
        """Let its firewall have these chains for IPv4 or IPv6, and no others."""
        table = f"table {family} hall"
        text = f"{table} {{ }}\ndelete {table}\n{table} {{\n{rules}\n}}\n"
        _run("ip", "netns", "exec", self._name, "nft", "-f", "-", text=text)


@contextmanager
def hall(folder: Path) -> Iterator[Hall]:
    """Make a hall; skip the test where that is not possible."""
    number = os.getpid()
    name, near, far = f"hall-{number}", f"ha{number}", f"hb{number}"
    host, there = (f"10.{200 + (number >> 14 & 31)}.{number >> 6 & 255}.{(number & 63) * 4 + last}" for last in (1, 2))
    host6, there6 = (f"fd77::{number:x}:{last}" for last in (1, 2))
    try:
        _run("ip", "netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {error}")
    try:
        with _cable(name, near, far):
            _run("ip", "address", "add", f"{host}/30", "dev", near)
            _run("ip", "link", "set", near, "up")
            _run("ip", "address", "add", f"{host6}/126", "dev", near, "nodad")
            _run("ip", "-n", name, "address", "add", f"{there}/30", "dev", far)
            _run("ip", "-n", name, "address", "add", f"{there6}/126", "dev", far, "nodad")
            for device in (far, "lo"):
                _run("ip", "-n", name, "link", "set", device, "up")
            _run("ip", "-n", name, "route", "add", "default", "via", host)
            yield Hall(name, host, host6, folder)
    finally:
        _run("ip", "netns", "delete", name)


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
