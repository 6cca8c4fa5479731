"""What compiled code stands on: rows seen as numpy's records, C functions called by address, numbers on the wire.

Everything compiled is Python that numba compiles, over the rows of `media.core.rows`. Nothing in it raises, allocates, or
looks at anything but rows and buffers, whose sizes are checked before they are written. `NUMBA_DISABLE_JIT=1` runs it as it
is, slowly, for a debugger.
"""

from typing import Any, Final

import numpy
from llvmlite import ir
from numba import carray, njit, types
from numba.extending import intrinsic, overload

from media.core.rows import NAME_BYTES, ffi
from media.core.rows import spread as spread_in_python


def _dtype(struct: str) -> Any:
    """Return numpy's description of a struct of ours."""
    fields = [(name, field) for name, field in ffi.typeof(f"struct {struct}").fields if field.type.kind == "primitive"]
    described = numpy.dtype(
        {
            "names": [name for name, _ in fields],
            "formats": [_FORMATS[field.type.cname] for _, field in fields],
            "offsets": [field.offset for _, field in fields],
            "itemsize": ffi.sizeof(f"struct {struct}"),
        },
        align=True,
    )
    _STRUCTS[described] = struct
    return described


_STRUCTS: dict[Any, str] = {}
"""For Python that runs uncompiled: numpy's records have attributes of their own, such as `size`."""

_FORMATS = {
    "int64_t": "i8", "int32_t": "i4", "uint32_t": "u4", "int16_t": "i2", "uint16_t": "u2", "uint8_t": "u1", "double": "f8",
}  # fmt: skip

CONNECTION, ARRIVAL, TRACK, KEPT = _dtype("connection"), _dtype("arrival"), _dtype("track"), _dtype("kept")
SINK, SENT, TURN = _dtype("sink"), _dtype("sent"), _dtype("turn")
REEL, ENTRY = _dtype("reel"), _dtype("entry")
ROUTES, ROUTE, ROUND, STRAIN = _dtype("routes"), _dtype("route"), _dtype("round"), _dtype("strain")
MESSAGE, PART, OUTGOING = _dtype("message"), _dtype("part"), _dtype("outgoing")
BYTE, SHORT, INT, LONG = (numpy.dtype(it) for it in ("u1", "u2", "i4", "i8"))

SENT_BYTES: Final = SENT.itemsize
PART_BYTES: Final = PART.itemsize
MESSAGE_BYTES: Final = MESSAGE.itemsize

compiled = njit(nogil=True, error_model="numpy", boundscheck=False, cache=True)
spread = compiled(spread_in_python)


def at(address: int, count: int, dtype: Any) -> Any:
    """Return the `count` rows at an address."""
    if dtype in _STRUCTS:
        return ffi.cast(f"struct {_STRUCTS[dtype]} *", address)
    buffer = ffi.buffer(ffi.cast("char *", address), count * dtype.itemsize)
    return numpy.frombuffer(buffer, dtype).view(numpy.recarray)


def call(function: int, first: int, second: int, third: int, fourth: int = 0, fifth: int = 0) -> int:
    """Call a C function that takes up to five words and returns an `int`."""
    kind = "int (*)(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t)"
    return int(ffi.cast(kind, function)(first, second, third, fourth, fifth))


@intrinsic
def _pointer(_: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


@overload(at, strict=False)
def _at(address: Any, count: Any, dtype: Any) -> Any:
    return lambda address, count, dtype: carray(_pointer(address), count, dtype)


@intrinsic
def _call(_: Any, function: Any, first: Any, second: Any, third: Any, fourth: Any, fifth: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [ir.IntType(64)] * 5)
        return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])

    return types.int32(*[types.int64] * 6), generate


@overload(call, strict=False)
def _call_overload(function: Any, first: Any, second: Any, third: Any, fourth: Any = 0, fifth: Any = 0) -> Any:
    # Words that a function does not take lie in registers that it does not read.
    return lambda function, first, second, third, fourth=0, fifth=0: _call(function, first, second, third, fourth, fifth)


@compiled
def read16(data: Any, position: int) -> Any:
    """Return the 16-bit number at `position`."""
    # Of an unsigned and a signed number of 64 bits numba would make a float.
    return numpy.int64(data[position]) << 8 | numpy.int64(data[position + 1])


@compiled
def read32(data: Any, position: int) -> int:
    """Return the 32-bit number at `position`."""
    return read16(data, position) << 16 | read16(data, position + 2)


@compiled
def write16(data: Any, position: int, value: int) -> None:
    """Write the low 16 bits of `value`."""
    data[position] = value >> 8 & 255
    data[position + 1] = value & 255


@compiled
def write32(data: Any, position: int, value: int) -> None:
    """Write the low 32 bits of `value`."""
    write16(data, position, value >> 16)
    write16(data, position + 2, value)


@compiled
def find(turn: Any, name_address: int) -> int:
    """Return the connection that a remote name belongs to, or 0."""
    name = at(name_address, NAME_BYTES // 8, LONG)
    head = at(turn.routes, 1, ROUTES)[0]
    routes = at(head.table, head.size, ROUTE)
    place = spread(name[0], name[1], name[2], name[3]) & head.size - 1
    while routes[place].connection:
        route = routes[place]
        if route.a == name[0] and route.b == name[1] and route.c == name[2] and route.d == name[3]:
            return int(route.connection)
        place = place + 1 & head.size - 1
    return 0
