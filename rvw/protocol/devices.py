"""What a kiosk page and the device bridge on the kiosk's own machine say to each other: `web/DEVICES.md` is the document.

The page asks for one thing of one device and names the request (`ref`); the bridge answers each exactly once, with what it
has read or with `device_failed`. Nothing here is about a visit: the bridge never hears of one.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

VERSION = 1
"""Raised when a message means something else; a bridge of another version is refused by the page."""

MAX_PHOTO = 12_000
"""The longest photograph of a card, in base64: the chip holds 102 by 126 pixels, some 5 kB as JPEG."""

MAX_PAPER = 12_000_000
"""The longest PDF to print or still of the document camera, in base64."""

MAX_STROKES = 200
"""How many strokes a signature may have."""

MAX_STROKE_POINTS = 600
"""How many points a stroke may have."""

Ref = Annotated[str, Meta(min_length=1, max_length=64)]
DeviceKind: TypeAlias = Literal["card_reader", "code_reader", "document_camera", "signature_pad", "printer", "verifier"]
DeviceState: TypeAlias = Literal["ready", "unplugged", "paper_out", "fault"]
Subject: TypeAlias = Literal["person", "business"]
FailureCode: TypeAlias = Literal[
    "nothing_shown", "unreadable", "paper_out", "unplugged", "busy", "stopped", "not_understood", "fault"
]
"""`nothing_shown`: the time was over before there was a card, a code or a signature. `stopped`: the page did not want it
any more. The others say what somebody has to do about the device."""

Wait = Annotated[int, Meta(ge=1, le=300)]
Coordinate = Annotated[int, Meta(ge=0, le=10_000)]
Point = Annotated[tuple[Coordinate, ...], Meta(min_length=2, max_length=2)]
Stroke = Annotated[tuple[Point, ...], Meta(min_length=1, max_length=MAX_STROKE_POINTS)]
"""The points of one stroke, 0 to 10,000 each way from the upper left corner of the field."""


class DeviceMessage(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of messages: the field `type` names the struct."""


class AttachBridge(DeviceMessage, frozen=True, tag="attach"):
    """The first message of the page; answered with `attached`. A page that attaches later takes the place of this one."""

    version: int


class ReadCard(DeviceMessage, frozen=True, tag="read_card"):
    """Read the identity card that lies on the reader, or is put on it. Answered with `card_read`."""

    ref: Ref
    within_s: Wait
    another: bool = False
    """The card that lies there is of no use: it has to be put on anew, or another one."""


class ReadCode(DeviceMessage, frozen=True, tag="read_code"):
    """Read the code that is held before the scanner: a resident code or a business licence. Answered with `code_read`."""

    ref: Ref
    within_s: Wait


class TakeStill(DeviceMessage, frozen=True, tag="take_still"):
    """Take a picture of what lies under the document camera, at its full resolution. Answered with `still_taken`."""

    ref: Ref


class TakeSignature(DeviceMessage, frozen=True, tag="take_signature"):
    """Let somebody sign on the pad, which shows `title`. Answered with `signature_taken`."""

    ref: Ref
    within_s: Wait
    title: Annotated[str, Meta(max_length=200)]


class PrintPaper(DeviceMessage, frozen=True, tag="print_paper"):
    """Print a PDF. Answered with `paper_printed` when the paper is out."""

    ref: Ref
    name: Annotated[str, Meta(max_length=200)]
    pdf: Annotated[str, Meta(max_length=MAX_PAPER)]
    """In base64."""


class AskVerdict(DeviceMessage, frozen=True, tag="ask_verdict"):
    """Let the outside verifier's device compare the person before it with its own source. Answered with `verdict_given`.

    The challenge goes into the verifier's signed result; neither the page nor the bridge gets a picture of the face.
    """

    ref: Ref
    within_s: Wait
    challenge: Annotated[str, Meta(min_length=1, max_length=200)]


class StopDevice(DeviceMessage, frozen=True, tag="stop"):
    """Do not wait any longer for `ref`; that request is answered with `device_failed`, `stopped`."""

    ref: Ref


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """A device that the kiosk has, and how it is."""

    kind: DeviceKind
    name: str
    """As IT staff call it: maker and model."""
    state: DeviceState


class BridgeAttached(DeviceMessage, frozen=True, tag="attached"):
    """The page is the one that the bridge works for now."""

    version: int
    devices: tuple[Device, ...]


class DeviceChanged(DeviceMessage, frozen=True, tag="device_changed"):
    """A device was plugged in or out, has paper again, or is out of order."""

    device: Device


class CardRead(DeviceMessage, frozen=True, tag="card_read"):
    """What the chip of an identity card says."""

    ref: Ref
    number: Annotated[str, Meta(max_length=18)]
    name: Annotated[str, Meta(max_length=100)]
    valid_until: Annotated[str, Meta(max_length=10)]
    """A date (`2036-05-01`); empty for a card that is good for ever."""
    photo: Annotated[str, Meta(max_length=MAX_PHOTO)] = ""
    """The chip's photograph as JPEG, in base64."""


class CodeRead(DeviceMessage, frozen=True, tag="code_read"):
    """What the code says, as it was read: who is behind it is for its issuer to say."""

    ref: Ref
    code: Annotated[str, Meta(max_length=4000)]


class StillTaken(DeviceMessage, frozen=True, tag="still_taken"):
    """A picture by the document camera."""

    ref: Ref
    media_type: Literal["image/jpeg", "image/png"]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """Of the bytes, as the camera gave them."""
    picture: Annotated[str, Meta(max_length=MAX_PAPER)]
    """In base64."""


class SignatureTaken(DeviceMessage, frozen=True, tag="signature_taken"):
    """Somebody has signed on the pad."""

    ref: Ref
    strokes: Annotated[tuple[Stroke, ...], Meta(min_length=1, max_length=MAX_STROKES)]


class PaperPrinted(DeviceMessage, frozen=True, tag="paper_printed"):
    """The paper is out."""

    ref: Ref


class VerdictGiven(DeviceMessage, frozen=True, tag="verdict_given"):
    """The verifier's result, signed by it (a compact JWS): for the server, which knows its key."""

    ref: Ref
    result: Annotated[str, Meta(max_length=4000)]


class DeviceFailed(DeviceMessage, frozen=True, tag="device_failed"):
    """The request has come to nothing. `text` is for logs."""

    ref: Annotated[str, Meta(max_length=64)]
    """Empty when the message itself was not understood."""
    code: FailureCode
    text: str = ""


PageToBridge: TypeAlias = (
    AttachBridge | ReadCard | ReadCode | TakeStill | TakeSignature | PrintPaper | AskVerdict | StopDevice
)
BridgeToPage: TypeAlias = (
    BridgeAttached
    | DeviceChanged
    | CardRead
    | CodeRead
    | StillTaken
    | SignatureTaken
    | PaperPrinted
    | VerdictGiven
    | DeviceFailed
)
