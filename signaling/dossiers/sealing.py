"""From a closed visit to its sealed record: the fold, the seal, the evidence, the manifest. Call it in a thread.

The files of a visit are a port: a list of what there is, by hash. Nothing here reads their bytes: who stored them has
hashed them.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence

from rvw.clock import Clock
from rvw.domain import handover
from rvw.domain.catalogue import Catalogue
from rvw.domain.chain import sha256
from rvw.domain.events import Recorded
from rvw.domain.handover import Dossier, FileEntry, Names
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, Part, make_manifest, read_dossier
from rvw.domain.seal import Seal, Signer, seal
from rvw.domain.visit import Visit
from signaling.dossiers.evidence import render
from signaling.dossiers.keys import SealKeys
from signaling.records.archive import Record

SEED_BYTES = 32

FilesOf = Callable[[Visit], Awaitable[tuple[FileEntry, ...] | None]]
"""Returns what files a visit has, in the order in which they came; `None` while not all are there. Raises `Unavailable`."""

Render = Callable[[Dossier, Seal, bytes], bytes]


def new_seed() -> bytes:
    """Return what the salts of a record come from."""
    return secrets.token_bytes(SEED_BYTES)


class Sealer:
    """Makes records with the key in use."""

    def __init__(self, keys: SealKeys, clock: Clock, render: Render = render) -> None:
        self._keys = keys
        self._clock = clock
        self._render = render

    def first(
        self, visit: Visit, events: Sequence[Recorded], files: Iterable[FileEntry] = (), names: Names | None = None
    ) -> Record:
        """Return the record of a closed visit. Raises what `rvw.domain.handover.dossier` raises."""
        seed = new_seed()
        return self.sealed(handover.dossier(visit, events, seed, files, names), seed)

    def sealed(self, content: Dossier, seed: bytes) -> Record:
        """Return the record with this content."""
        now, signer = self._clock(), self._keys.signer()
        data = seal("dossier", content, content.head, signer, now)
        kept, found = read_dossier(data, self._keys.public())  # what cannot be verified is not kept
        evidence = self._render(kept, found, data)
        return Record(
            visit=content.visit,
            number=content.number,
            authority=content.authority,
            matter=content.matter,
            region=content.region,
            closed_at=content.closed_at,
            sha256=sha256(data),
            dossier=data,
            evidence=evidence,
            manifest=_manifest(content, data, evidence, signer, now),
            seed=seed,
            ticket=content.ticket,
            officer=content.officer,
            outcome=content.outcome,
        )


def names_of(catalogue: Catalogue, visit: Visit, authority: str = "") -> Names:
    """Return what the codes of a visit mean now, in the resident's language."""

    def name(thing: object) -> str:
        english = str(getattr(thing, "name_en", ""))
        return english if visit.language == "en" and english else str(getattr(thing, "name", ""))

    desk = catalogue.desks.get(visit.desk)
    return Names(
        matter=name(catalogue.matters.get(visit.matter)),
        region=name(catalogue.regions.get(visit.region)),
        authority=authority,
        desk=name(desk),
    )


def _manifest(content: Dossier, data: bytes, evidence: bytes, signer: Signer, now: float) -> bytes:
    parts = [Part(DOSSIER, sha256(data), len(data)), Part(EVIDENCE, sha256(evidence), len(evidence))]
    files = {file.sha256: file for file in content.files if file.removed is None}
    parts += [Part(f"{FILES}{file.sha256}", file.sha256, file.bytes) for file in files.values()]
    return make_manifest(content, parts, signer, now)
