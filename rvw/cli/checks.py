"""`rvw check` and `rvw test`: what must hold before a change is kept."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
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


def check() -> int:
    """Run the fast checks, all of them, and name those that failed."""
    steps: list[tuple[str, Sequence[str]]] = [
        ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
        ("format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
        ("types", [str(BIN / "mypy")]),
        ("architecture", [str(BIN / "lint-imports")]),
        ("dead code", [str(BIN / "vulture")]),
        ("dependencies", [str(BIN / "deptry"), "."]),
        ("protocol", [sys.executable, "-m", "rvw.cli", "schema", "--check"]),
        ("page folds", [sys.executable, "web/scripts/make_fold_fixture.py", "--check"]),
        ("papers' folds", [sys.executable, "web/scripts/make_papers_fixture.py", "--check"]),
        ("compose", _compose()),
        (
            "unit and property tests",
            [str(BIN / "pytest"), "-q", *EVERY_CORE, "tests/unit", "tests/property", "tests/contract"],
        ),
    ]
    failed = [name for name, command in steps if not _passes(name, command)]
    if failed:
        print(f"rvw check: failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def test() -> int:
    """Install what is missing, check everything, and run every test."""
    if not _installed() or node.install() or node.npm("run", "check", "--silent") or node.build():
        return 1
    failed = check()
    command = [str(BIN / "pytest"), "tests/integration", "tests/network", "tests/browser"]
    return failed + (0 if _passes("integration, network and browser tests", command) else 1)


def _compose() -> Sequence[str]:
    return [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]


def _passes(name: str, command: Sequence[str]) -> bool:
    began = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
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
