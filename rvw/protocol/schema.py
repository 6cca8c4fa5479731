"""JSON Schema of every message, from which the pages' TypeScript is generated; `rvw schema --check` fails on drift."""

import json
from typing import Any

import msgspec
from msgspec import Struct

from rvw.domain.application import Application
from rvw.domain.handover import Dossier
from rvw.domain.marks import Sheet
from rvw.domain.package import Manifest
from rvw.domain.papers import Papers
from rvw.domain.report import Report
from rvw.domain.seal import PublicKeys, Seal
from rvw.protocol import endings, keeping, papers, playback, rest
from rvw.protocol.applications import APPLICATION_REST
from rvw.protocol.client import ClientMessage
from rvw.protocol.devices import BridgeToPage, PageToBridge
from rvw.protocol.media import LAYOUT
from rvw.protocol.server import ServerMessage
from rvw.protocol.translation import Translation, TranslatorTold

ROOTS: dict[str, object] = {
    "ClientMessage": ClientMessage,
    "ServerMessage": ServerMessage,
    "PageToBridge": PageToBridge,
    "BridgeToPage": BridgeToPage,
}
REST = (
    Sheet,
    Papers,
    papers.UploadWanted,
    papers.Upload,
    papers.NoticeWanted,
    papers.NoticeMade,
    papers.LicenceQuestion,
    papers.LicencesFound,
    papers.LicenceChosen,
    papers.PhoneWanted,
    papers.PhoneLink,
    papers.PhoneComes,
    papers.PhoneSession,
    papers.SendView,
    rest.Login,
    rest.Enrol,
    rest.Session,
    rest.NewEnrolment,
    rest.CatalogueView,
    rest.MattersFound,
    rest.MatterDetail,
    rest.ConsentTexts,
    rest.Colleagues,
    rest.GuestWanted,
    rest.GuestLink,
    rest.GuestComes,
    rest.TicketShown,
    rest.TicketClaim,
    rest.TicketFound,
    rest.Ways,
    rest.Halls,
    rest.PromiseCalledOff,
    rest.PromiseWish,
    rest.Promise,
    rest.AppointmentKept,
    endings.ClosingView,
    endings.RatingGiven,
    endings.TicketRating,
    endings.RatingTaken,
    endings.UnresolvedWish,
    endings.UnresolvedTaken,
    endings.Summary,
    endings.SummaryShown,
    endings.SummaryAsked,
    endings.SummaryPdf,
    endings.CaseFound,
    endings.EarlierVisits,
    playback.Playback,
    playback.Viewing,
    keeping.PastVisits,
    keeping.CopyWanted,
    keeping.KeepingView,
    keeping.HoldWanted,
    keeping.LiftWanted,
    keeping.HeldNow,
    rest.TaskList,
    rest.TaskDo,
    rest.TaskDone,
    rest.TaskNumber,
    rest.IceServers,
    rest.KioskDevices,
    TranslatorTold,
    Translation,
    Report,
    rest.Events,
    rest.MediaPool,
    rest.NewLineTest,
    rest.LineTest,
    rest.LineTests,
    rest.Health,
    rest.Problem,
    Application,
    *APPLICATION_REST,
)


def schema() -> dict[str, Any]:
    """Return one schema (draft 2020-12) with every type under `$defs`."""
    roots, definitions = msgspec.json.schema_components((*ROOTS.values(), *REST), ref_template="#/$defs/{name}")
    named = dict(zip(ROOTS, roots, strict=False))
    sent_by_browsers = _reached(named["ClientMessage"], definitions) | _reached(named["PageToBridge"], definitions)
    for name, definition in definitions.items():
        if name not in sent_by_browsers and "properties" in definition:
            definition["required"] = list(definition["properties"])  # the server leaves nothing out
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Protocol",
        "$defs": dict(sorted((definitions | named).items())),
    }


def _reached(node: Any, definitions: dict[str, Any]) -> set[str]:
    """Return the names of all definitions that `node` refers to, directly or not."""
    found: set[str] = set()
    nodes = [node]
    while nodes:
        match nodes.pop():
            case {"$ref": str(target)} if target.rpartition("/")[2] not in found:
                found.add(target.rpartition("/")[2])
                nodes.append(definitions[target.rpartition("/")[2]])
            case dict(inner):
                nodes.extend(inner.values())
            case list(inner):
                nodes.extend(inner)
    return found


def layout() -> list[dict[str, str]]:
    """Return the media sections of every offer, in order."""
    return [{"name": slot.name, "kind": slot.kind, "direction": slot.direction} for slot in LAYOUT]


def text() -> str:
    """Return the schema as the text that is committed as `web/src/protocol/schema.json`."""
    return json.dumps({**schema(), "x-layout": layout()}, ensure_ascii=False, indent=2) + "\n"


class SealedDossier(Struct, frozen=True, forbid_unknown_fields=True):
    """`dossier.json`: the dossier and its seal, in canonical bytes (RFC 8785)."""

    dossier: Dossier
    seal: Seal


class SealedManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest.json`: the hash of every other file of the package, and its seal."""

    manifest: Manifest
    seal: Seal


def dossier_text() -> str:
    """Return the schema of the files of a package, and of the public keys, as the text that is committed and served."""
    _, definitions = msgspec.json.schema_components(
        (SealedDossier, SealedManifest, PublicKeys), ref_template="#/$defs/{name}"
    )
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:rvw:dossier:2",
        "title": "Dossier",
        "$ref": "#/$defs/SealedDossier",
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
