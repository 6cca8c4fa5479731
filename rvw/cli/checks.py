"""`rvw check` and `rvw test`: what must hold before a change is kept."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rvw.cli import node
from rvw.cli.node import ROOT

BIN = Path(sys.executable).parent

DEBIAN_PACKAGES = {
    "chromium": "chromium",
    "ffmpeg": "ffmpeg",
    "fc-list": "fontconfig",
    "turnserver": "coturn",
    "ip": "iproute2",
    "nft": "nftables",
}
"""Programs that tests use, and the packages they come from."""

CJK_FONT = "fonts-noto-cjk"

EVERY_CORE = ("-n", "auto", "--dist", "worksteal")
"""Tests without sockets, browsers or clocks share nothing, so they run side by side."""

SIDE_BY_SIDE = ("-m", "not alone", "-n", "3", "--dist", "worksteal")
"""Tests with processes and browsers wait more than they compute, on two cores, too: three at a time, each with what it
shares (`tests/conftest.py`). Who has nothing left to do takes over from the others: no core waits for a long file."""


def check() -> int:
    """Run the fast checks, all of them, and name those that failed."""
    steps: list[tuple[str, Sequence[str]]] = [
        ("types", [str(BIN / "mypy")]),
        ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
        ("format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
        ("architecture", [str(BIN / "lint-imports")]),
        ("dead code", [str(BIN / "vulture")]),
        ("dependencies", [str(BIN / "deptry"), "."]),
        ("protocol", [sys.executable, "-m", "rvw.cli", "schema", "--check"]),
        ("page folds", [sys.executable, "web/scripts/make_fold_fixture.py", "--check"]),
        ("papers' folds", [sys.executable, "web/scripts/make_papers_fixture.py", "--check"]),
        ("compose", _compose()),
    ]
    tests = [str(BIN / "pytest"), "-q", *EVERY_CORE, "tests/unit", "tests/property", "tests/contract"]
    with ThreadPoolExecutor(2) as pool:  # types take as long as all others together
        found = pool.map(lambda step: _passes(*step), steps)
    passed = dict(zip((name for name, _ in steps), found, strict=True))
    passed["unit and property tests"] = _passes("unit and property tests", tests)
    failed = [name for name, well in passed.items() if not well]
    if failed:
        print(f"rvw check: failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def test() -> int:
    """Install what is missing, check everything, and run every test."""
    if not _installed() or node.install():
        return 1
    with ThreadPoolExecutor(1) as beside:
        pages = beside.submit(_pages)
        failed = check()
    if not pages.result():
        return failed + 1
    for name, how in (("", SIDE_BY_SIDE), (" that measure", ("-m", "alone"))):
        command = [str(BIN / "pytest"), *how, "tests/browser", "tests/integration", "tests/network"]
        failed += not _passes(f"integration, network and browser tests{name}", command)
    return failed


def _pages() -> bool:
    """Check and build the pages."""
    began = time.monotonic()
    return _tell("pages", not (node.npm("run", "check", "--silent") or node.build()), began)


def _compose() -> Sequence[str]:
    return [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]


def _passes(name: str, command: Sequence[str]) -> bool:
    began = time.monotonic()
    # Modules are compiled once, not by each of a hundred processes: half of what a start costs.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return _tell(name, subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0, began)


def _tell(name: str, passed: bool, began: float) -> bool:
    print(f"{'ok ' if passed else 'BAD'} {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return passed


def _installed() -> bool:
    """Install the Debian packages that tests need, as root; otherwise say which are missing."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if not shutil.which(program)]
    if not list(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
        missing.append(CJK_FONT)
    if not missing:
        return True
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"rvw test needs: {' '.join(command)}", file=sys.stderr)
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, check=False, stdout=subprocess.DEVNULL)
    return subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0
