"""What `rvw doctor` says of one thing that it has looked at."""

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One line: what was looked at, whether it is well, what was seen, and what to do if it is not."""

    what: str
    ok: bool
    seen: str
    do: str = ""


def table(found: list[Finding]) -> str:
    """Return the findings as lines for people."""
    lines = [f"{'ok ' if one.ok else 'BAD'}  {one.what}: {one.seen}" for one in found]
    return "\n".join(line + ("" if one.ok else f"\n     → {one.do}") for line, one in zip(lines, found, strict=True))
