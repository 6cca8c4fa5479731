"""Settings: one frozen tree, made once by each process's composition root and handed down in parts.

Layers: the defaults below < a TOML file < environment (`RVW_MEDIA__UDP_PORT=40000`) < flags (`media.udp_port=40000`).
A key nobody knows, or a value of the wrong type or out of bounds, is refused with its full name and where it came from.
`config/settings.toml` holds every key with a comment; a test keeps the two alike. Only composition roots call `load`;
everybody else is given the section that concerns them.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from rvw.errors import InvalidSettings

ENVIRONMENT_PREFIX = "RVW_"

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0, le=365)]
Hour = Annotated[int, Meta(ge=0, le=23)]
EndHour = Annotated[int, Meta(ge=1, le=24)]
Ahead = Annotated[int, Meta(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, Meta(gt=0, le=1e9)]


class Web(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The address people open."""

    host: str = "127.0.0.1"
    port: Port = 8080
    certificate: str = ""
    private_key: str = ""
    max_message_bytes: Count = 131_072
    max_sockets: Count = 20_000
    hellos_per_address: Count = 500
    outbox_messages: Count = 256
    commands_per_second: Count = 30


class Media(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The packet-forwarding worker."""

    host: str = "127.0.0.1"
    udp_port: Port = 0
    control_host: str = "127.0.0.1"
    control_port: Port = 8100
    control_url: str = ""
    signaling: tuple[str, ...] = ()
    announce: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ("VP8",)
    max_peers: Count = 1000
    consent_s: PositiveSeconds = 10.0
    max_video_bps: Count = 2_500_000
    compiled: bool = True
    spool: str = ""


class Turn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The relays for pages whose network lets no UDP out."""

    urls: tuple[str, ...] = ()
    secret: str = ""
    valid_s: Annotated[float, Meta(ge=60, le=604_800)] = 21_600.0
    only: bool = False


class Kiosk(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all kiosks have."""

    bridge: Annotated[str, Meta(pattern=r"^(wss?://(127\.0\.0\.1|localhost):[0-9]{1,5})?$")] = ""
    files: bool = False


class Identity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is believed about who somebody is."""

    verifier_keys: str = ""


class Papers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is held elsewhere of papers."""

    licences: str = ""


class Translation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who translates lines of chat."""

    adapter: Annotated[str, Meta(pattern="^(phrases|http)?$")] = ""
    url: str = ""
    token: str = ""
    timeout_s: PositiveSeconds = 4.0


class Store(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where things are kept."""

    data: str = "var"
    redis: str = ""
    sql: str = ""


class Blobs(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Files of visits, and the keys that everything of visits is encrypted with."""

    kind: Annotated[str, Meta(pattern="^(folder|s3)$")] = "folder"
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    key_file: str = ""


class Queue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long each wait may last before the system acts by itself."""

    cell: str = "yangtze-delta"
    offer_s: PositiveSeconds = 20.0
    waiting_s: PositiveSeconds = 7200.0
    interruption_s: PositiveSeconds = 60.0
    absence_s: PositiveSeconds = 600.0
    hold_s: PositiveSeconds = 600.0
    wrapping_s: PositiveSeconds = 600.0
    invitation_s: PositiveSeconds = 60.0
    guest_link_s: PositiveSeconds = 900.0
    live_s: PositiveSeconds = 14_400.0
    lease_s: PositiveSeconds = 15.0
    missed_offers: Count = 1
    ahead_elder_s: Ahead = 600
    ahead_disability_s: Ahead = 600
    ahead_pregnancy_s: Ahead = 600
    ahead_appointment_s: Ahead = 1200
    ahead_returned_s: Ahead = 3600
    ahead_other_s: Ahead = 600


class Tasks(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What residents are promised when no officer can come, and until when."""

    call_back_s: PositiveSeconds = 14_400.0
    retry_s: PositiveSeconds = 1800.0
    tries: Count = 3
    message_s: PositiveSeconds = 86_400.0
    slot_s: PositiveSeconds = 1800.0
    slot_places: Count = 2
    early_s: PositiveSeconds = 900.0
    late_s: PositiveSeconds = 1800.0
    unresolved_at_once_days: Days = 0
    unresolved_soon_days: Days = 5
    unresolved_long_days: Days = 10
    mend_days: Days = 15
    knowledge_days: Days = 5


class Operations(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What supervisors are shown, and when they are asked to act."""

    prompt_share: Annotated[float, Meta(gt=0, le=1)] = 0.9
    prompt_low_s: PositiveSeconds = 300.0
    no_officer_s: PositiveSeconds = 120.0
    see_to_s: PositiveSeconds = 900.0
    sweep_s: PositiveSeconds = 10.0


class Security(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keys and their lives."""

    demo: bool = False
    secret: str = ""
    control_secret: str = ""
    contact_secret: str = ""
    session_s: PositiveSeconds = 43_200.0
    device_s: PositiveSeconds = 31_536_000.0
    enrolment_s: PositiveSeconds = 86_400.0
    logins_per_minute: Count = 10


class Handover(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The case system that receives the record of each visit."""

    adapter: Annotated[str, Meta(pattern="^(http|folder|pull)$")] = "folder"
    url: str = ""
    secret: str = ""
    folder: str = ""
    pull_token: str = ""
    timeout_s: PositiveSeconds = 10.0
    first_retry_s: PositiveSeconds = 1.0
    longest_retry_s: PositiveSeconds = 600.0
    give_up_s: PositiveSeconds = 259_200.0
    parallel: Count = 4


class Keeping(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When what is over is deleted."""

    from_hour: Hour = 1
    until_hour: EndHour = 5
    look_s: PositiveSeconds = 600.0
    rotate_days: Annotated[int, Meta(ge=0, le=3650)] = 0


class Films(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the film of a recorded visit is made."""

    when: Annotated[str, Meta(pattern="^(off|at_once|night)$")] = "at_once"
    from_hour: Hour = 19
    until_hour: EndHour = 7
    at_a_time: Annotated[int, Meta(ge=1, le=32)] = 1


class Uploads(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What residents hand in, and what looking at one file may cost."""

    most_bytes: Count = 33_554_432
    pages: Count = 50
    pixels: Count = 64_000_000
    memory_mib: Annotated[int, Meta(ge=256, le=16_384)] = 1024
    cpu_s: Annotated[int, Meta(ge=1, le=300)] = 20
    at_once: Count = 2


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole tree."""

    web: Web = Web()
    media: Media = Media()
    turn: Turn = Turn()
    media_workers: tuple[str, ...] = ("http://127.0.0.1:8100",)
    kiosk: Kiosk = Kiosk()
    identity: Identity = Identity()
    translation: Translation = Translation()
    store: Store = Store()
    blobs: Blobs = Blobs()
    uploads: Uploads = Uploads()
    papers: Papers = Papers()
    films: Films = Films()
    keeping: Keeping = Keeping()
    queue: Queue = Queue()
    tasks: Tasks = Tasks()
    operations: Operations = Operations()
    security: Security = Security()
    handover: Handover = Handover()
    catalogue: str = ""
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"


def load(file_text: str, environ: Mapping[str, str], flags: Mapping[str, str]) -> Settings:
    """Return the settings of the three layers; `flags` maps dotted names to text.

    Raises `InvalidSettings`, naming the key, for unknown keys, wrong types and values out of bounds.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(file_text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"the settings file is not TOML: {error}") from error
    origins: dict[str, str] = {}
    for variable, text in environ.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            path = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            _put(tree, path, text, variable)
            origins[".".join(path)] = f"the environment variable {variable}"
    for name, text in flags.items():
        _put(tree, name.split("."), text, name)
        origins[name] = "a flag"
    try:
        return msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"settings: {error} ({_origin(str(error), origins)})") from error


def _origin(fault: str, origins: Mapping[str, str]) -> str:
    """Return which layer a fault came from: the last one that set a key the fault names."""
    place = re.search(r"at `\$\.?([^`]*)`", fault)
    unknown = re.search(r"unknown field `([^`]*)`", fault)
    name = ".".join(part for part in (place and place[1], unknown and unknown[1]) if part)
    return origins.get(name.partition("[")[0], "in the settings file")


class Arguments(Struct, frozen=True):
    """What a process is started with."""

    config: str
    """The path of the settings file; empty for none."""
    flags: dict[str, str]


def arguments(words: Sequence[str]) -> Arguments:
    """Return `--config FILE` and every `--set name=value` of a command line. Raises `InvalidSettings` for other words."""
    config, flags, rest = "", {}, list(words)
    while rest:
        word = rest.pop(0)
        if word not in ("--config", "--set") or not rest:
            raise InvalidSettings(f"{word}: use --config FILE and --set name=value")
        text = rest.pop(0)
        if word == "--config":
            config = text
            continue
        name, sign, setting = text.partition("=")
        if not sign:
            raise InvalidSettings(f"--set {text}: write name=value")
        flags[name] = setting
    return Arguments(config, flags)


def _put(tree: dict[str, Any], path: list[str], text: str, origin: str) -> None:
    for name in path[:-1]:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):
            raise InvalidSettings(f"{origin}: {name} is a value, not a section")
        tree = branch
    tree[path[-1]] = _list(text) if path[-1] in _LISTS else text


_LISTS = frozenset({"announce", "codecs", "media_workers", "signaling", "urls"})


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
