"""Papers as a process serves them: the parts of `PapersApi`, put together."""

import time

from rvw.settings import Settings
from signaling.applications.kept import Kept
from signaling.blobs import Blobs
from signaling.catalogue_watch import Current
from signaling.keeping.audit import Audit
from signaling.live import Live
from signaling.papers.library import open_library
from signaling.papers.licences import Licences
from signaling.papers.notices import MissingNotices
from signaling.rest_papers import PapersApi
from signaling.uploads.taking import Uploads


def papers_api(settings: Settings, live: Live, current: Current, blobs: Blobs, uploads: Uploads, audit: Audit) -> PapersApi:
    """Return the endpoints. Raises `InvalidSettings` for a library that is none."""
    kept, library = Kept(blobs), open_library(settings.papers.licences, settings.security.demo)
    return PapersApi(
        live.ledger,
        blobs,
        uploads,
        MissingNotices(live.office, live.ledger, kept, current.held, time.time),
        Licences(live.office, live.ledger, kept, library, audit, current.held),
        audit,
        time.time,
    )
