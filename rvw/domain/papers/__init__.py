"""Papers: what is handed in during a visit. A stream of its own beside the visit's, folded into `Papers`.

Materials are those of the matter's rule pack, those that an officer asks for besides, and `other`. A material has pages,
each a file by hash with how it came. The checklist is a pure function of the rule pack and the papers. Bytes are elsewhere:
events hold hashes, and a file is in the blob store, cleaned, before its event is appended.
"""

from rvw.domain.papers.checklist import Item, checklist, complete, missing
from rvw.domain.papers.companion import PAPERS
from rvw.domain.papers.decide import PaperCommand
from rvw.domain.papers.fold import (
    OTHER,
    ExtraPaper,
    LicenceReference,
    MissingNotice,
    PaperPage,
    PaperPhone,
    Papers,
    PaperVerdict,
    ShownPage,
    WantedPaper,
)
from rvw.domain.papers.names import checked_name
from rvw.domain.papers.phones import phone_of

__all__ = [
    "OTHER",
    "PAPERS",
    "ExtraPaper",
    "Item",
    "LicenceReference",
    "MissingNotice",
    "PaperCommand",
    "PaperPage",
    "PaperPhone",
    "PaperVerdict",
    "Papers",
    "ShownPage",
    "WantedPaper",
    "checked_name",
    "checklist",
    "complete",
    "missing",
    "phone_of",
]
