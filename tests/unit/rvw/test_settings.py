"""The settings: the file that documents them is the tree, layers lie in their order, every refusal names its key."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

import config
from rvw.errors import InvalidSettings
from rvw.settings import Arguments, Settings, arguments, load

FILE = (config.FOLDER / "settings.toml").read_text(encoding="utf-8")
NOTHING: Mapping[str, str] = {}


def leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield each key with its full name and its value."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, name))
        else:
            yield ".".join((*path, name)), value


DEFAULTS = dict(leaves(msgspec.to_builtins(Settings())))


def test_the_file_has_every_key_and_no_other() -> None:
    """Whoever reads the file knows everything that can be set."""
    assert set(DEFAULTS) == {name for name, _ in leaves(tomllib.loads(FILE))}


def test_the_file_holds_the_defaults() -> None:
    """The file may be used as it is, and a line may be deleted from it, with no change."""
    assert Settings() == load(FILE, NOTHING, NOTHING)
    assert Settings() == load("", NOTHING, NOTHING)


def test_every_key_of_the_file_has_a_comment() -> None:
    """A comment stands over each key, or over the pair it belongs to."""
    bare = []
    above = ""
    for line in FILE.splitlines():
        if re.match(r"[a-z_]+ = ", line) and not above.startswith("#") and not re.match(r"[a-z_]+ = ", above):
            bare.append(line)
        above = line
    assert bare == []


@pytest.mark.parametrize(
    "name",
    [
        "security.secret",
        "security.control_secret",
        "security.contact_secret",
        "handover.secret",
        "turn.secret",
        "blobs.secret_key",
        "blobs.access_key",
    ],
)
def test_the_file_holds_no_secret(name: str) -> None:
    """A secret that comes with the product would be nobody's."""
    assert DEFAULTS[name] == ""


def test_flags_lie_over_the_environment_and_that_over_the_file() -> None:
    """Each layer is seen where no higher one covers it."""
    file = "[web]\nport = 1\nmax_sockets = 1\ncommands_per_second = 1"
    environ = {"RVW_WEB__PORT": "2", "RVW_WEB__MAX_SOCKETS": "2", "PATH": "/bin"}
    web = load(file, environ, {"web.port": "3"}).web
    assert (web.port, web.max_sockets, web.commands_per_second, web.outbox_messages) == (3, 2, 1, 256)


def test_text_becomes_what_the_key_is() -> None:
    """The environment and flags know only text."""
    environ = {"RVW_SECURITY__DEMO": "true", "RVW_QUEUE__OFFER_S": "12.5", "RVW_LOG_LEVEL": "debug"}
    settings = load("", environ, {"media.udp_port": "40000"})
    assert (
        settings.security.demo,
        settings.queue.offer_s,
        settings.log_level,
        settings.media.udp_port,
    ) == (True, 12.5, "debug", 40000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("198.51.100.7", ("198.51.100.7",)),
        ("198.51.100.7, 2001:db8::7", ("198.51.100.7", "2001:db8::7")),
        ("", ()),
    ],
)
def test_a_list_is_written_with_commas(text: str, expected: tuple[str, ...]) -> None:
    """One, several and none."""
    assert expected == load("", {"RVW_MEDIA__ANNOUNCE": text}, NOTHING).media.announce
    assert expected == load("", NOTHING, {"media_workers": text}).media_workers


def test_lists_are_known_by_their_keys() -> None:
    """Every key that is a list takes a single word for a list of one."""
    for name, value in DEFAULTS.items():
        if isinstance(value, list):
            flags = {name: "VP8"}
            assert dict(leaves(msgspec.to_builtins(load("", NOTHING, flags))))[name] == ["VP8"], name


@pytest.mark.parametrize(
    ("file", "environ", "flags", "named"),
    [
        ("[web]\nprot = 8080", {}, {}, "prot.*web"),
        ("colour = 1", {}, {}, "colour"),
        ("", {"RVW_WEB__PROT": "8080"}, {}, "prot.*web"),
        ("", {"RVW_COLOUR": "red"}, {}, "colour"),
        ("", {}, {"web.prot": "8080"}, "prot.*web"),
        ("", {}, {"colour": "red"}, "colour"),
    ],
)
def test_an_unknown_key_is_refused_with_its_name(
    file: str, environ: Mapping[str, str], flags: Mapping[str, str], named: str
) -> None:
    """A mistyped key must not be silently without effect."""
    with pytest.raises(InvalidSettings, match=named):
        load(file, environ, flags)


@pytest.mark.parametrize(
    ("file", "environ", "flags", "named"),
    [
        ('[web]\nport = "many"', {}, {}, r"web\.port"),
        ("[web]\nport = 70000", {}, {}, r"web\.port"),
        ("", {"RVW_WEB__PORT": "many"}, {}, r"web\.port"),
        ("", {"RVW_QUEUE__OFFER_S": "0"}, {}, r"queue\.offer_s"),
        ("", {"RVW_QUEUE__OFFER_S": "nan"}, {}, r"queue\.offer_s"),
        ("", {}, {"security.demo": "perhaps"}, r"security\.demo"),
        ("", {}, {"log_level": "loud"}, "log_level"),
        ("", {}, {"handover.adapter": "post"}, r"handover\.adapter"),
        ("media_workers = [1]", {}, {}, "media_workers"),
        ("web = 1", {}, {}, "web"),
        ("web = 1", {"RVW_WEB__PORT": "1"}, {}, "RVW_WEB__PORT"),
        ("", {"RVW_WEB__PORT__X": "1"}, {}, r"web\.port"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_key(
    file: str, environ: Mapping[str, str], flags: Mapping[str, str], named: str
) -> None:
    """Types, bounds and words that are none of the choices."""
    with pytest.raises(InvalidSettings, match=named):
        load(file, environ, flags)


def test_a_file_that_is_no_toml_is_refused_with_the_line() -> None:
    """The reader's own message says where."""
    with pytest.raises(InvalidSettings, match="line 2"):
        load("[web]\nport = ?\n", NOTHING, NOTHING)


def test_the_refusal_of_a_secret_does_not_show_it() -> None:
    """What is refused ends up in a log."""
    with pytest.raises(InvalidSettings) as told:
        load("", {"RVW_SECURITY__SESSION_S": "hunter2-hunter2"}, NOTHING)
    assert "hunter2" not in str(told.value)


def test_arguments_are_a_file_and_settings() -> None:
    """Every process is started with the same words."""
    words = ["--config", "/etc/rvw.toml", "--set", "web.port=1", "--set", "handover.url=https://x/?a=b"]
    expected = Arguments("/etc/rvw.toml", {"web.port": "1", "handover.url": "https://x/?a=b"})
    assert expected == arguments(words)
    assert Arguments("", {}) == arguments([])


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--port", "1"], "--port"),
        (["web.port=1"], "web.port=1"),
        (["--config"], "--config"),
        (["--set"], "--set"),
        (["--set", "web.port"], "web.port"),
    ],
)
def test_other_arguments_are_refused_by_name(words: list[str], named: str) -> None:
    """The message repeats the word that was not understood."""
    with pytest.raises(InvalidSettings, match=re.escape(named)):
        arguments(words)


def test_a_fault_says_where_it_came_from() -> None:
    """The environment variable, the flag, or the file."""
    with pytest.raises(InvalidSettings, match="the environment variable RVW_WEB__PORT"):
        load("", {"RVW_WEB__PORT": "many"}, {})
    with pytest.raises(InvalidSettings, match="a flag"):
        load("", {}, {"web.porrt": "1"})
    with pytest.raises(InvalidSettings, match="in the settings file"):
        load("[queue]\noffer_s = inf\n", {}, {})


def test_a_comma_is_a_comma_in_what_is_no_list() -> None:
    """Passwords have them."""
    assert load("", {"RVW_SECURITY__SECRET": "a,b"}, {}).security.secret == "a,b"
    assert load("", {"RVW_MEDIA__CODECS": "VP8, H264"}, {}).media.codecs == ("VP8", "H264")
