"""The application beside a visit: who applies, what is stated, what is signed. A companion (`rvw.domain.companion`).

`state` is what it is, `fold` how it changes, `decide` what a command makes happen.
"""

from rvw.domain.application.decide import APPLICATION, decide
from rvw.domain.application.state import (
    Application,
    ConsentDocument,
    FilledField,
    FormDocument,
    IdentityDecision,
    ShownDocument,
    SignedDocument,
    Signing,
    Verdict,
    document_of,
    fulfilled,
    level,
    shown_of,
)

__all__ = [
    "APPLICATION",
    "Application",
    "ConsentDocument",
    "FilledField",
    "FormDocument",
    "IdentityDecision",
    "ShownDocument",
    "SignedDocument",
    "Signing",
    "Verdict",
    "decide",
    "document_of",
    "fulfilled",
    "level",
    "shown_of",
]
