"""The reference case system takes what is ours, once, and nothing else; a CloudEvents library reads what we send."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import httpx2
import msgspec
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat

from rvw.cli.case_system import CaseSystem, Faults, parse_faults
from rvw.clock import DAY_S
from rvw.domain.catalogue.retention import Retention
from rvw.domain.certificate import SCHEMA, Certificate, GoneVersion, make
from rvw.errors import InvalidSettings
from signaling.dossiers.keys import open_keys
from signaling.handover.adapters.folder import Folder
from signaling.handover.adapters.http import CONTENT_TYPE, Http, envelope, open_http
from signaling.handover.port import Parcel, Rejected, Temporary
from signaling.handover.signature import webhook
from tests.fakes.case_system import T0, closed_visit, make_record, served

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@cache
def parcel(visit: str, start: float = T0) -> Parcel:
    """Return what is handed over of a closed visit."""
    record = make_record(*closed_visit(visit, start))
    names = ("visit", "number", "authority", "matter", "region", "closed_at", "sha256")
    return Parcel(**{name: getattr(record, name) for name in names}, content=record.dossier, adapter="http")


def deletion(visit: str, number: int = 2) -> Parcel:
    """Return what is handed over of a visit of which nothing is kept any more."""
    sent = parcel(visit)
    rule = Retention(id="records", kind="dossier", days=10, basis="DA/T 85")
    gone = Certificate(
        schema=SCHEMA, visit=visit, kind="dossier", authority="pudong", matter="social-card", region="310115", rule=rule,
        closed_at=T0, due_at=T0 + 10 * DAY_S, begun_at=T0 + 11 * DAY_S, key_destroyed=True,
        versions=tuple(GoneVersion(one, sent.sha256) for one in range(1, number)),
    )  # fmt: skip
    sealed = make(gone, open_keys(Path(tempfile.mkdtemp(prefix="rvw-keys-")), T0).signer(), T0 + 12 * DAY_S)
    return msgspec.structs.replace(
        sent, number=number, content=sealed, sha256=sha256(sealed).hexdigest(), type="rvw.dossier.deleted.v1"
    )


def signed(body: bytes, key: str, at: float, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a message signed at `at`."""
    signature = webhook(secret).sign(key, datetime.fromtimestamp(at, UTC), body.decode())
    return {
        "content-type": CONTENT_TYPE,
        "idempotency-key": key,
        "webhook-id": key,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": signature,
    }


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A case system that works."""
    async with served(CaseSystem(SECRET, tmp_path, Faults()).app()) as url:
        yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A connection to it."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


class Later:
    """A clock that goes on by a second each time it is asked: no two messages are signed in the same one."""

    def __init__(self) -> None:
        self.now = time.time() - 60

    def __call__(self) -> float:
        self.now += 1
        return self.now


async def test_a_record_arrives_and_is_shown(url: str, client: httpx2.AsyncClient) -> None:
    """The receipt comes back; list, page and JSON show the record; what a person wrote is text there, not markup."""
    async with open_http(f"{url}/events", SECRET, 5) as case_system:
        receipt = await case_system.deliver(parcel("v1"))
    year = datetime.now(UTC).year
    assert receipt == f"SL-{year}-000001"
    (listed,) = (await client.get("/api/records")).json()
    assert (listed["visit"], listed["receipt"]) == ("v1", receipt)
    assert receipt in (await client.get("/")).text
    page = await client.get("/records/v1")
    assert "李示例" in page.text
    assert "&lt;b&gt;v1&lt;/b&gt;" in page.text
    assert "<b>" not in page.text
    assert "script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert (await client.get("/style.css")).headers["content-type"].startswith("text/css")
    assert (await client.get("/records/v2")).status_code == 404
    assert (await client.get("/api/health")).json() == {"status": "ok"}


async def test_the_same_visit_has_the_same_receipt(url: str) -> None:
    """Three deliveries of two visits, each signed anew: two receipts."""
    async with open_http(f"{url}/events", SECRET, 5, Later()) as case_system:
        receipts = [await case_system.deliver(parcel(visit)) for visit in ("v1", "v2", "v1")]
    assert receipts[0] == receipts[2] != receipts[1]


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """Stopped and started again: the same receipt for the same visit."""
    receipts, clock = [], Later()
    for _ in range(2):
        app = CaseSystem(SECRET, tmp_path, Faults()).app()
        async with served(app) as url, open_http(f"{url}/events", SECRET, 5, clock) as case_system:
            receipts.append(await case_system.deliver(parcel("v1")))
    assert receipts[0] == receipts[1]


async def test_another_record_of_the_same_visit_is_refused(url: str) -> None:
    """What has a receipt is not overwritten."""
    async with open_http(f"{url}/events", SECRET, 5, Later()) as case_system:
        await case_system.deliver(parcel("v1"))
        with pytest.raises(Rejected):
            await case_system.deliver(parcel("v1", T0 + 1))


async def test_many_at_once_are_one(url: str) -> None:
    """Ten deliveries of one visit at the same time, by ten processes: one record."""
    clock = Later()
    async with open_http(f"{url}/events", SECRET, 10, clock) as case_system:
        receipts = await asyncio.gather(*(case_system.deliver(parcel("v1")) for _ in range(10)))
    assert len(set(receipts)) == 1


async def test_a_replayed_message_is_refused(client: httpx2.AsyncClient) -> None:
    """Somebody has recorded a message and sends it again."""
    body = envelope(parcel("v1"))
    headers = signed(body, "v1.1", time.time())
    assert (await client.post("/events", content=body, headers=headers)).status_code == 200
    assert (await client.post("/events", content=body, headers=headers)).status_code == 409
    assert len((await client.get("/api/records")).json()) == 1


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_another_time_is_refused(client: httpx2.AsyncClient, minutes: int) -> None:
    """Signed six minutes ago, or six minutes ahead."""
    body = envelope(parcel("v1"))
    headers = signed(body, "v1.1", time.time() + 60 * minutes)
    assert (await client.post("/events", content=body, headers=headers)).status_code == 401


Change = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]

TAMPERED: dict[str, Change] = {
    "one letter of the note": lambda body, headers: (body.replace("已受理".encode(), "未受理".encode()), headers),
    "the id": lambda body, headers: (body, {**headers, "webhook-id": "v2"}),
    "the time": lambda body, headers: (body, {**headers, "webhook-timestamp": str(int(time.time()) - 1)}),
    "no time": lambda body, headers: (body, {**headers, "webhook-timestamp": "yesterday"}),
    "the signature": lambda body, headers: (body, {**headers, "webhook-signature": "v1,AAAA"}),
    "half a signature": lambda body, headers: (body, {**headers, "webhook-signature": "v1"}),
    "another version": lambda body, headers: (body, {**headers, "webhook-signature": "v2,AAAA"}),
    "no signature": lambda body, headers: (body, {"content-type": CONTENT_TYPE}),
    "another secret": lambda body, headers: (body, signed(body, "v1.1", time.time(), "whsec_" + "A" * 32)),
    "not even text": lambda body, headers: (b"\xff\xfe", headers),
    "empty": lambda body, headers: (b"", headers),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
async def test_what_is_tampered_with_is_refused(client: httpx2.AsyncClient, change: Change) -> None:
    """Nothing of it is kept."""
    body = envelope(parcel("v1"))
    changed, headers = change(body, signed(body, "v1.1", time.time()))
    assert (await client.post("/events", content=changed, headers=headers)).status_code == 401
    assert (await client.get("/api/records")).json() == []


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b'"specversion":"1.0"', b'"specversion":"9.9"', 400),
        (b'"type":"rvw.dossier.sealed.v2"', b'"type":"something.else"', 400),
        (b'"id":"v1.1"', b'"id":"v9.1"', 400),
        (b'"subject":"v1"', b'"subject":"v9"', 400),
        (b'"dossiernumber":1', b'"dossiernumber":2', 400),
        (b'"data":{', b'"data":[],"x":{', 400),
        ("已受理".encode(), "未受理".encode(), 422),
    ],
)
async def test_what_is_signed_but_wrong_is_refused(client: httpx2.AsyncClient, old: bytes, new: bytes, status: int) -> None:
    """A right signature does not make a wrong event right."""
    body = envelope(parcel("v1"))
    assert old in body
    body = body.replace(old, new, 1)
    answer = await client.post("/events", content=body, headers=signed(body, "v1.1", time.time()))
    assert answer.status_code == status
    assert (await client.get("/api/records")).json() == []


def test_the_envelope_is_a_cloud_event() -> None:
    """An off-the-shelf library reads it; the dossier in it is, byte for byte, the one that was hashed."""
    sent = parcel("v1")
    event = from_structured(HTTPMessage({"content-type": CONTENT_TYPE}, envelope(sent)), JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_source()) == ("v1.1", "rvw.dossier.sealed.v2", "/rvw/pudong")
    assert event.get_time() == datetime.fromtimestamp(sent.closed_at, UTC)
    assert event.get_data() == msgspec.json.decode(sent.content)
    assert envelope(sent) == envelope(sent)
    assert sent.content in envelope(sent)


@pytest.mark.parametrize("fault", ["errors", "hang", "drop", "garbage"])
async def test_every_fault_is_told_as_not_now(tmp_path: Path, fault: str) -> None:
    """Whatever the case system does, the record is kept for later; half of the times it has arrived nevertheless."""
    faulty = CaseSystem(SECRET, tmp_path, parse_faults(f"{fault}=1.0,seed=3"))
    async with served(faulty.app()) as url, open_http(f"{url}/events", SECRET, 0.3, Later()) as case_system:
        for number in range(6):
            with pytest.raises(Temporary):
                await case_system.deliver(parcel(f"v{number}"))
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            assert 0 < len((await client.get("/api/records")).json()) < 6


@pytest.mark.parametrize("text", ["errors=2", "errors=-0.1", "errors=0.6,hang=0.6", "fire=1", "errors", "seed=x"])
def test_faults_that_cannot_be(text: str) -> None:
    """A wrong flag is refused at the start."""
    with pytest.raises(InvalidSettings):
        parse_faults(text)


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, b"", Temporary),
        (200, b'{"receipt": ""}', Temporary),
        (200, b'{"receipt": 17}', Temporary),
        (200, b'{"receipt": "a\\nb"}', Temporary),
        (200, b'{"receipt": "' + b"x" * 201 + b'"}', Temporary),
        (200, b"x" * 70_000, Temporary),
        (200, b"\xff", Temporary),
        (302, b"", Temporary),
        (401, b"", Temporary),
        (404, b"", Temporary),
        (409, b"", Temporary),
        (429, b"", Temporary),
        (503, b"", Temporary),
        (400, b"", Rejected),
        (413, b"", Rejected),
        (415, b"", Rejected),
        (422, b"", Rejected),
    ],
)
async def test_what_an_answer_means(status: int, answer: bytes, error: type[Exception]) -> None:
    """Only what speaks of the record itself is never; all else is not now."""
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, content=answer))
    async with httpx2.AsyncClient(transport=transport) as client:
        with pytest.raises(error):
            await Http(client, "http://case.example/events", SECRET).deliver(parcel("v1"))


async def test_nobody_listens() -> None:
    """The case system is off."""
    async with open_http("http://127.0.0.1:9/events", SECRET, 1) as case_system:
        with pytest.raises(Temporary):
            await case_system.deliver(parcel("v1"))


@pytest.mark.parametrize(("url", "secret"), [("", SECRET), ("ftp://x", SECRET), ("http://x", ""), ("http://x", "whsec_!")])
async def test_settings_that_cannot_be(url: str, secret: str) -> None:
    """An address or a secret is missing or no such thing: the process does not start."""
    with pytest.raises(InvalidSettings):
        async with open_http(url, secret, 1):
            pass


async def test_a_deletion_takes_the_place_of_the_record(url: str, client: httpx2.AsyncClient) -> None:
    """Told twice it has the record's receipt twice, nothing of the record is shown, and what comes late changes nothing."""
    gone = deletion("v1")
    event = from_structured(HTTPMessage({"content-type": CONTENT_TYPE}, envelope(gone)), JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_dataschema()) == ("v1.2", gone.type, "urn:rvw:deletion:1")
    async with open_http(f"{url}/events", SECRET, 5, Later()) as case_system:
        receipts = [await case_system.deliver(one) for one in (parcel("v1"), gone, gone, parcel("v1"))]
    assert len(set(receipts)) == 1
    assert len((await client.get("/api/records")).json()) == 1
    page = (await client.get("/records/v1")).text
    assert "records · DA/T 85" in page
    assert "李示例" not in page


@pytest.mark.parametrize("lie", ["rvw.dossier.sealed.v2", "rvw.dossier.corrected.v2", "another"])
async def test_an_event_that_says_another_thing_than_it_has_is_refused(client: httpx2.AsyncClient, lie: str) -> None:
    """A certificate as a dossier, a first version as a correction, a type that nobody knows."""
    sent = parcel("v1") if lie == "rvw.dossier.corrected.v2" else deletion("v1")
    body = msgspec.json.encode({**msgspec.json.decode(envelope(sent)), "type": lie})
    answer = await client.post("/events", content=body, headers=signed(body, sent.key, time.time()))
    assert answer.status_code == 400
    assert (await client.get("/api/records")).json() == []


async def test_a_folder_takes_records(tmp_path: Path) -> None:
    """One file a visit, whole, and the same receipt again."""
    folder, sent = Folder(tmp_path / "drop"), parcel("v1")
    receipts = [await folder.deliver(sent) for _ in range(2)]
    assert receipts == [f"sha256-{sent.sha256[:16]}"] * 2
    assert [file.name for file in (tmp_path / "drop").iterdir()] == ["v1.1.json"]
    assert (tmp_path / "drop" / "v1.1.json").read_bytes() == sent.content
    gone = deletion("v1")
    await folder.deliver(gone)
    assert (tmp_path / "drop" / "v1.2.deleted.json").read_bytes() == gone.content


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """There is a file where the folder should be: not now."""
    (tmp_path / "drop").write_text("in the way")
    with pytest.raises(Temporary):
        await Folder(tmp_path / "drop").deliver(parcel("v1"))
