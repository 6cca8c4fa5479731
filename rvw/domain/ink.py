"""Ink of a signature: strokes as they were written, and the picture made of them. The same strokes, the same picture.

A page sends points, never a picture: what is put into a PDF is drawn here, from numbers alone.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, TypeAlias

from msgspec import Meta

from rvw.errors import InvalidInput

MAX_STROKES = 200
MAX_POINTS = 1_200
"""How many points a signature may have: a careful hand writes for ten seconds, and a page thins what it draws to this."""

LEAST_TRAVEL = 2_500
"""How far the pen must have gone, of a field 10,000 wide: a touch by mistake is no signature."""

FULL = 10_000
WIDTH, HEIGHT = 2_400, 800
"""The picture's size: a signature's field is three times as wide as high."""

Coordinate = Annotated[int, Meta(ge=0, le=FULL)]
Point: TypeAlias = Annotated[tuple[Coordinate, ...], Meta(min_length=2, max_length=2)]
"""Written so, and not as a pair, because the pages' types are made of it."""

Stroke: TypeAlias = Annotated[tuple[Point, ...], Meta(min_length=1, max_length=600)]
Strokes: TypeAlias = Annotated[tuple[Stroke, ...], Meta(min_length=1, max_length=MAX_STROKES)]


def check(strokes: Sequence[Sequence[tuple[int, ...]]]) -> None:
    """Raise `InvalidInput` for what nobody has signed: too little ink, or more than a hand writes."""
    if sum(len(stroke) for stroke in strokes) > MAX_POINTS:
        raise InvalidInput(f"a signature has at most {MAX_POINTS} points")
    if sum(_travel(stroke) for stroke in strokes) < LEAST_TRAVEL:
        raise InvalidInput("this is too little to be a signature")


def svg(strokes: Sequence[Sequence[tuple[int, ...]]]) -> bytes:
    """Return the picture as SVG: dark ink on nothing."""
    paths = "".join(f'<path d="{_path(stroke)}"/>' for stroke in strokes)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    pen = '<g fill="none" stroke="#10204a" stroke-width="14" stroke-linecap="round" stroke-linejoin="round">'
    return f"{head}{pen}{paths}</g></svg>\n".encode()


def _path(stroke: Sequence[tuple[int, ...]]) -> str:
    """Return a smooth line: quadratic curves through the middles between points."""
    points = [(x * WIDTH / FULL, y * HEIGHT / FULL) for x, y in stroke]
    first = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    if len(points) == 1:
        return f"{first}h0.1"
    curves = [
        f"Q{x:.1f} {y:.1f} {(x + next_x) / 2:.1f} {(y + next_y) / 2:.1f}"
        for (x, y), (next_x, next_y) in pairwise(points[1:])
    ]
    return f"{first}{''.join(curves)}L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _travel(stroke: Sequence[tuple[int, ...]]) -> int:
    """Return how far the pen went, as the taxi drives."""
    return sum(abs(x - at_x) + abs(y - at_y) for (at_x, at_y), (x, y) in pairwise(stroke))
