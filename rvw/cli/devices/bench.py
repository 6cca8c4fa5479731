"""The simulated devices on their bench: what lies on each, who waits for it, what is wrong with it. No IO, no clock.

A script line does what a person or a fault would do: `insert card wang`, `sign`, `unplug printer`. Requests that wait for
somebody are answered when the line comes; the shell calls `expire` when a request's time is over, and decides by `delay_s`
when an answer leaves.
"""

import hashlib
import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from rvw.clock import Seconds
from rvw.errors import InvalidInput
from rvw.protocol import devices as d

DEVICES: Mapping[d.DeviceKind, str] = {
    "card_reader": "simulated card reader",
    "code_reader": "simulated code scanner",
    "document_camera": "simulated document camera",
    "signature_pad": "simulated signature pad",
    "printer": "simulated printer",
    "verifier": "simulated verifier",
}
SHORT: Mapping[str, d.DeviceKind] = {
    "card": "card_reader",
    "code": "code_reader",
    "camera": "document_camera",
    "pad": "signature_pad",
    "printer": "printer",
    "verifier": "verifier",
}
"""What script lines call them."""

Waiting: TypeAlias = d.ReadCard | d.ReadCode | d.TakeSignature | d.AskVerdict
Say: TypeAlias = Callable[[d.BridgeToPage, Seconds], None]
"""Send a message to the page, after a delay."""

HELP = """insert card NAME · remove card · unreadable card · show code NAME · look NAME · look NAME differs
sign · still TEXT · paper out · paper in · unplug DEVICE · plug DEVICE · slow DEVICE SECONDS · people
DEVICE is card, code, camera, pad, printer or verifier; NAME is a made-up person of the people file"""


class SimPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """A made-up person or business of the people file."""

    id: str
    name: str
    number: str
    kind: d.Subject = "person"
    valid_until: str = ""
    shade: int = 0
    """Which of the made-up faces."""


class Makers(Struct, frozen=True):
    """What the shell makes for the bench: pictures, and what an issuer would sign."""

    photo: Callable[[SimPerson], bytes]
    still: Callable[[str], bytes]
    code: Callable[[SimPerson], str]
    verdict: Callable[[SimPerson, str, bool], str]
    """The result for a person and a challenge: is it the same one?"""


class Bench:
    """All devices of one kiosk."""

    def __init__(self, people: Mapping[str, SimPerson], makers: Makers, say: Say) -> None:
        self._people = people
        self._makers = makers
        self._say = say
        self._state: dict[d.DeviceKind, d.DeviceState] = dict.fromkeys(DEVICES, "ready")
        self._delay_s: dict[d.DeviceKind, Seconds] = {}
        self._waiting: dict[d.DeviceKind, Waiting] = {}
        self._card: SimPerson | Literal["unreadable"] | None = None
        self._held: dict[d.DeviceKind, Callable[[Waiting], d.BridgeToPage]] = {}
        """What somebody holds before a device, or has done at it, while nobody asked yet: the next request has it."""
        self._paper = "made-up paper"
        self.printed: list[tuple[str, str]] = []
        """Name and PDF (base64) of what was printed since the shell last took it."""

    def devices(self) -> tuple[d.Device, ...]:
        """Return all devices as they are."""
        return tuple(d.Device(kind, name, self._state[kind]) for kind, name in DEVICES.items())

    def take(self, message: d.PageToBridge) -> None:
        """Take a request of the page, and answer it or let it wait."""
        match message:
            case d.AttachBridge():
                self._waiting.clear()
                self._held.clear()
                self._say(d.BridgeAttached(d.VERSION, self.devices()), 0)
            case d.StopDevice(ref):
                self._end(ref, "stopped")
            case d.ReadCard():
                self._wait("card_reader", message)
                if self._card is not None and not message.another:
                    self._read_card()
            case d.ReadCode():
                self._wait("code_reader", message)
            case d.TakeSignature():
                self._wait("signature_pad", message)
            case d.AskVerdict():
                self._wait("verifier", message)
            case d.TakeStill(ref):
                self._take_still(ref)
            case d.PrintPaper():
                self._print(message)

    def expire(self, ref: str) -> None:
        """End a request whose time is over; nothing for one that was answered."""
        self._end(ref, "nothing_shown")

    def script(self, line: str) -> str:
        """Do what a line says, and return what was done, in words. Raises `InvalidInput` for a line that says nothing."""
        words = line.split()
        if words == ["people"]:
            return "\n".join(f"{one.id:12} {one.kind:9} {one.name} {one.number}" for one in self._people.values())
        if not (self._somebody(words) or self._something(words)):
            raise InvalidInput(f"not understood: {line}\n{HELP}")
        return f"done: {line}"

    def _somebody(self, words: list[str]) -> bool:
        """Do what a person does; return whether the words mean that."""
        match words:
            case ["insert", "card", name]:
                self._card = self._person(name)
                self._read_card()
            case ["remove", "card"]:
                self._card = None
            case ["show", "code", name]:
                self._show_code(self._person(name))
            case ["look", name]:
                self._look(self._person(name), same=True)
            case ["look", name, "differs"]:
                self._look(self._person(name), same=False)
            case ["sign"]:
                self._sign()
            case ["still", *said]:
                self._paper = " ".join(said)
            case _:
                return False
        return True

    def _something(self, words: list[str]) -> bool:
        """Let something be wrong, or right again; return whether the words mean that."""
        match words:
            case ["unreadable", "card"]:
                self._card = "unreadable"
                self._read_card()
            case ["paper", "out" | "in" as how]:
                self._change("printer", "paper_out" if how == "out" else "ready")
            case ["unplug" | "plug" as how, name]:
                self._change(_device(name), "unplugged" if how == "unplug" else "ready")
            case ["slow", name, seconds] if seconds.isdecimal():
                self._delay_s[_device(name)] = float(seconds)
            case _:
                return False
        return True

    def _wait(self, kind: d.DeviceKind, message: Waiting) -> None:
        if self._state[kind] != "ready":
            self._fail(kind, message.ref)
        elif kind in self._waiting:
            self._answer(kind, d.DeviceFailed(message.ref, "busy", f"the {DEVICES[kind]} waits for somebody already"))
        else:
            self._waiting[kind] = message
            self._serve(kind)

    def _read_card(self) -> None:
        waiting = self._waiting.pop("card_reader", None)
        if waiting is None:
            return
        if not isinstance(self._card, SimPerson):
            self._answer("card_reader", d.DeviceFailed(waiting.ref, "unreadable", "the chip does not answer"))
            return
        one = self._card
        photo = b64encode(self._makers.photo(one)).decode()
        self._answer("card_reader", d.CardRead(waiting.ref, one.number, one.name, one.valid_until, photo))

    def _hold(self, kind: d.DeviceKind, answer: Callable[[Waiting], d.BridgeToPage]) -> None:
        self._held[kind] = answer
        self._serve(kind)

    def _serve(self, kind: d.DeviceKind) -> None:
        """Answer whoever waits at a device with what is held before it, once."""
        if kind in self._waiting and kind in self._held:
            self._answer(kind, self._held.pop(kind)(self._waiting.pop(kind)))

    def _show_code(self, person: SimPerson) -> None:
        self._hold("code_reader", lambda waiting: d.CodeRead(waiting.ref, self._makers.code(person)))

    def _look(self, person: SimPerson, same: bool) -> None:
        def verdict(waiting: Waiting) -> d.BridgeToPage:
            challenge = waiting.challenge if isinstance(waiting, d.AskVerdict) else ""
            return d.VerdictGiven(waiting.ref, self._makers.verdict(person, challenge, same))

        self._hold("verifier", verdict)

    def _sign(self) -> None:
        self._hold("signature_pad", lambda waiting: d.SignatureTaken(waiting.ref, made_up_signature()))

    def _take_still(self, ref: str) -> None:
        if self._state["document_camera"] != "ready":
            self._fail("document_camera", ref)
            return
        picture = self._makers.still(self._paper)
        digest = hashlib.sha256(picture).hexdigest()
        self._answer("document_camera", d.StillTaken(ref, "image/png", digest, b64encode(picture).decode()))

    def _print(self, message: d.PrintPaper) -> None:
        if self._state["printer"] != "ready":
            self._fail("printer", message.ref)
            return
        self.printed.append((message.name, message.pdf))
        self._answer("printer", d.PaperPrinted(message.ref))

    def _change(self, kind: d.DeviceKind, state: d.DeviceState) -> None:
        self._state[kind] = state
        self._say(d.DeviceChanged(d.Device(kind, DEVICES[kind], state)), 0)
        if state != "ready" and (waiting := self._waiting.pop(kind, None)) is not None:
            self._fail(kind, waiting.ref)

    def _fail(self, kind: d.DeviceKind, ref: str) -> None:
        state = self._state[kind]
        code: d.FailureCode = state if state in ("unplugged", "paper_out") else "fault"
        self._answer(kind, d.DeviceFailed(ref, code, f"{DEVICES[kind]}: {state}"))

    def _end(self, ref: str, code: d.FailureCode) -> None:
        for kind, waiting in list(self._waiting.items()):
            if waiting.ref == ref:
                del self._waiting[kind]
                self._answer(kind, d.DeviceFailed(ref, code))

    def _answer(self, kind: d.DeviceKind, message: d.BridgeToPage) -> None:
        self._say(message, self._delay_s.get(kind, 0))

    def _person(self, name: str) -> SimPerson:
        if name not in self._people:
            raise InvalidInput(f"there is no made-up person {name}: {', '.join(self._people)}")
        return self._people[name]


def _device(name: str) -> d.DeviceKind:
    if name not in SHORT:
        raise InvalidInput(f"there is no device {name}: {', '.join(SHORT)}")
    return SHORT[name]


def made_up_signature() -> tuple[d.Stroke, ...]:
    """Return three strokes that look as if somebody had signed: the same ones each time."""
    wave = tuple((1_200 + 70 * at, int(5_000 + 1_800 * math.sin(at / 6) * (1 - at / 140))) for at in range(0, 100, 2))
    slash = tuple((2_000 + 150 * at, 2_400 + 130 * at) for at in range(30))
    line = tuple((1_000 + 260 * at, 8_000 - 12 * at) for at in range(30))
    return (wave, slash, line)
