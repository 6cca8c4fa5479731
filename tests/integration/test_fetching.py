"""The whole product with a case system that fetches: it lists, gets, checks with the public keys, and acknowledges."""

from pathlib import Path

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from rvw.domain.catalogue.retention import Retention
from rvw.domain.certificate import SCHEMA, Certificate, GoneVersion, make
from rvw.domain.certificate import check as check_certificate
from rvw.domain.package import check_alone
from rvw.domain.people import Actor, Role
from rvw.domain.seal import public_keys
from rvw.errors import NotSignedIn
from rvw.settings import Handover
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import open_keys
from signaling.handover.outbox import Outbox
from signaling.keeping.audit import Audit
from signaling.records import open_store
from signaling.records.database import sqlite_url
from signaling.rest_dossiers import DossierApi
from signaling.routes import routes
from tests.fakes.case_system import T0, FakeCaseSystem, closed_visit, sealer, served

TOKEN = "a token of the case system, long enough for all"
LEAD = Actor("lead", Role.SUPERVISOR, "王督导", "pudong")
STRANGER = Actor("other", Role.SUPERVISOR, "别处", "huangpu")
PEOPLE = {"lead": LEAD, "other": STRANGER}


async def identify(token: str) -> Actor:
    """Return who the token is."""
    if token not in PEOPLE:
        raise NotSignedIn("who?")
    return PEOPLE[token]


async def told(_visit: str, _receipt: str) -> None:
    """Take the receipt."""


async def test_list_get_check_acknowledge(tmp_path: Path) -> None:
    """Twice the same answer at each step; nobody without the token; a correction is fetched after what it corrects."""
    async with open_store(sqlite_url(tmp_path)) as store:
        made = sealer(tmp_path)
        box = Outbox(store.parcels, FakeCaseSystem(), Handover(), told, lambda: T0 + 5000)
        amendments = Amendments(store.archive, made, lambda _m: "pull", box.nudge, lambda: T0 + 2000)
        audit = Audit(store.trail, open_keys(tmp_path, T0), lambda: T0 + 3000)
        api = DossierApi(open_keys(tmp_path, T0), store, amendments, [box], audit, TOKEN, lambda: T0 + 3000)
        await store.archive.keep(made.first(*closed_visit("v1")), "pull", T0 + 1000)
        async with (
            served(Starlette(routes=[*routes(api.table(), identify)])) as url,
            httpx2.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            ours = {"authorization": f"Bearer {TOKEN}"}
            lead, other = ({"authorization": f"Bearer {name}"} for name in ("lead", "other"))
            for headers in ({}, lead, {"authorization": "Bearer wrong"}):
                assert (await client.get("/api/handover/parcels", headers=headers)).status_code == 401
            correction = {"reason": "点错了", "outcome": "guided"}
            assert (await client.post("/api/records/v1/corrections", json=correction, headers=other)).status_code == 404
            answer = await client.post("/api/records/v1/corrections", json=correction, headers=lead)
            assert answer.json() == {"visit": "v1", "number": 2}

            keys = public_keys((await client.get("/.well-known/rvw-seal-keys.json")).content)
            for number in (1, 2):
                for _ in range(2):
                    (waiting,) = (await client.get("/api/handover/parcels", headers=ours)).json()["parcels"]
                    assert (waiting["visit"], waiting["number"]) == ("v1", number)
                    got = (await client.get(f"/api/handover/parcels/v1/{number}", headers=ours)).content
                    sealed = bytes(msgspec.json.decode(got, type=dict[str, msgspec.Raw])["dossier"])
                    assert check_alone(sealed, keys).number == number
                assert (await store.trail.of("v1", 9))[0].what == f"dossier {number}"
                receipts = [
                    (
                        await client.post(
                            f"/api/handover/parcels/v1/{number}/acknowledge", json={"receipt": text}, headers=ours
                        )
                    ).json()
                    for text in (f"SL-{number}", "SL-again")
                ]
                assert receipts == [{"receipt": f"SL-{number}"}] * 2
            assert (await client.get("/api/handover/parcels", headers=ours)).json() == {"parcels": []}


async def test_a_deletion_is_fetched(tmp_path: Path) -> None:
    """After the records it is on the list, with its certificate; acknowledged, it is not; a repetition changes nothing."""
    async with open_store(sqlite_url(tmp_path)) as store:
        keys = open_keys(tmp_path, T0)
        rule = Retention(id="records", kind="dossier", days=0, basis="DA/T 85")
        gone = Certificate(
            schema=SCHEMA, visit="v1", kind="dossier", authority="pudong", matter="m", rule=rule, closed_at=T0, due_at=T0,
            begun_at=T0, key_destroyed=True, versions=(GoneVersion(1, "0" * 64), GoneVersion(2, "1" * 64)),
        )  # fmt: skip
        await store.deletions.begin(gone, T0, T0)
        await store.deletions.certify(gone, make(gone, keys.signer(), T0), T0)
        await store.deletions.finish(gone, T0, "pull")
        box = Outbox(store.notices, FakeCaseSystem(), Handover(), told, lambda: T0 + 5000)
        amendments = Amendments(store.archive, sealer(tmp_path), lambda _m: "pull", box.nudge, lambda: T0)
        audit = Audit(store.trail, keys, lambda: T0)
        api = DossierApi(keys, store, amendments, [box], audit, TOKEN, lambda: T0)
        assert not await box.step(), "it is not sent"
        async with (
            served(Starlette(routes=[*routes(api.table(), identify)])) as url,
            httpx2.AsyncClient(base_url=url, trust_env=False, headers={"authorization": f"Bearer {TOKEN}"}) as client,
        ):
            waiting = (await client.get("/api/handover/parcels")).json()["parcels"]
            assert waiting == [{"visit": "v1", "number": 3, "since": T0, "what": "deletion"}]
            fetched = (await client.get("/api/handover/parcels/v1/3")).content
            got = msgspec.json.decode(fetched, type=dict[str, msgspec.Raw])
            assert "dossier" not in got
            assert msgspec.json.decode(got["type"]) == "rvw.dossier.deleted.v1"
            assert check_certificate(bytes(got["certificate"]), keys.public()).versions == gone.versions
            one = "/api/handover/parcels/v1/3/acknowledge"
            receipts = [(await client.post(one, json={"receipt": text})).json() for text in ("SL-1", "SL-again")]
            assert receipts == [{"receipt": "SL-1"}] * 2
            assert (await client.get("/api/handover/parcels")).json() == {"parcels": []}
            assert await box.step(), "it is settled"
            assert not await box.step()


@pytest.mark.parametrize("mood", ["rejects", "takes"])
async def test_what_is_stuck_is_sent_again(tmp_path: Path, mood: str) -> None:
    """On the list of the own supervisor only, until it is sent again."""
    async with open_store(sqlite_url(tmp_path)) as store:
        made, case_system = sealer(tmp_path), FakeCaseSystem()
        case_system.mood = "rejects"
        box = Outbox(store.parcels, case_system, Handover(), told, lambda: T0 + 5000)
        amendments = Amendments(store.archive, made, lambda _m: "http", box.nudge, lambda: T0)
        audit = Audit(store.trail, open_keys(tmp_path, T0), lambda: T0)
        api = DossierApi(open_keys(tmp_path, T0), store, amendments, [box], audit, "", lambda: T0)
        await store.archive.keep(made.first(*closed_visit("v1")), "http", T0)
        assert await box.step()
        async with (
            served(Starlette(routes=[*routes(api.table(), identify)])) as url,
            httpx2.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            lead, other = ({"authorization": f"Bearer {name}"} for name in ("lead", "other"))
            (stuck,) = (await client.get("/api/handover/stuck", headers=lead)).json()["parcels"]
            assert (stuck["visit"], stuck["state"], stuck["last_error"]) == ("v1", "refused", "as told")
            assert (await client.get("/api/handover/stuck", headers=other)).json() == {"parcels": []}
            again = "/api/handover/stuck/v1/1/again"
            assert (await client.post(again, headers=other)).status_code == 404
            assert (await client.post(again, headers=lead)).status_code == 200
            assert [one.what for one in await store.trail.of("v1", 9)] == ["dossier 1, sent again"]
            case_system.mood = mood  # type: ignore[assignment]
            assert await box.step()
            left = (await client.get("/api/handover/stuck", headers=lead)).json()["parcels"]
            assert len(left) == (mood == "rejects")
            empty = {"authorization": "Bearer wrong"}
            assert (await client.get("/api/handover/parcels", headers=empty)).status_code == 401
