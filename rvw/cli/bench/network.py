"""A network of its own for a benchmark: this process, and those it starts, see loopback and nothing else.

Janus gathers no candidates on the loopback interface. Here it finds a virtual one that leads nowhere; packets to its
address stay inside the machine, and no other program can reach what is measured.
"""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from rvw.errors import Unavailable

ADDRESS = "10.255.255.1"

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_COMMANDS = (
    "link set lo up",
    "link add bench0 type veth peer name bench1",
    f"addr add {ADDRESS}/32 dev bench0",
    "link set bench0 up",
    "link set bench1 up",
)


def isolate() -> None:
    """Leave the machine's network for good. Raises `Unavailable` where the system does not permit it."""
    ip = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if ip is None:
        raise Unavailable("the program ip is needed: apt-get install iproute2")
    user, group = os.geteuid(), os.getegid()
    flags = _NEW_NETWORK | (_NEW_USER if user else 0)
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        raise Unavailable(f"no network of its own for the benchmark: {os.strerror(ctypes.get_errno())}")
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    for command in _COMMANDS:
        subprocess.run([ip, *command.split()], check=True)
