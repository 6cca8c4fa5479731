"""Every error a person or a program can be told of.

    RvwError
    ├── InvalidInput              bad_request        the message cannot be understood
    │   ├── InvalidOffer          bad_offer          the SDP offer is not one this server answers
    │   ├── InvalidSettings       bad_settings       a settings file, variable or flag is wrong
    │   ├── InvalidCatalogue      bad_catalogue      a region, matter or desk file is wrong
    │   ├── InvalidDocument       bad_document       a card, a code or a result is wrong, over, or by nobody known
    │   ├── InvalidField          bad_field          a field of the form takes no such value
    │   ├── NotWhole              not_whole          a record, certificate or log does not fit its hashes or its seal
    │   ├── BadFile               bad_file           a file that is handed in is not taken
    │   │   ├── FileType          file_type          it is no JPEG, PNG or PDF, whatever its name says
    │   │   ├── Polyglot          file_polyglot      it is two kinds of file at once
    │   │   ├── ActiveContent     file_active        it holds a script or starts a program
    │   │   ├── Bomb              file_bomb          looking at it needs too much memory or time
    │   │   ├── Encrypted         file_locked        it is locked with a password
    │   │   ├── BrokenFile        file_broken        it is damaged or cut off
    │   │   ├── Tampered          file_hash          it is not what the sender said it would be
    │   │   └── FileName          file_name          its name is a path, or holds what is no name
    │   ├── TooLarge              too_large          a file has more bytes or pages than may be
    │   └── OutOfRange            out_of_range       a part of a file was asked for that it does not have
    ├── NotSignedIn               not_signed_in      the token is missing, expired or not ours
    ├── WrongCredentials          wrong_credentials  the name or password, or the enrolment code, is wrong
    ├── NotAllowed                not_allowed        this role may not do this
    ├── NotPossible               not_possible       the visit's state does not permit it now
    │   ├── NoDesk                no_desk            no desk takes this matter for this region
    │   ├── OfficerBusy           officer_busy       the officer is not free for an offer
    │   ├── ConsentNeeded         consent_needed     the matter is recorded by rule, and the resident has not agreed
    │   └── Incomplete            incomplete         what the matter demands of this outcome is not all there
    ├── NotFound                  not_found          there is no such thing, or it is not shown to you
    ├── Conflict                  conflict           somebody else was faster, again and again
    ├── TooMany                   too_many           a named limit is reached
    └── Unavailable               unavailable        a part of the system does not answer; try again
        ├── NotMade               not_made           what makes files of a recording has failed
        ├── NoRoom                no_room            the disk or the store is full: nothing was kept
        └── ReadOnly              read_only          the disk or the store takes no writes: nothing was kept

Each has a stable `code` for programs and a sentence for the person. Texts shown on pages are translated there, by code;
the sentence here is English, for logs and for the IT staff.
"""

from typing import ClassVar


class RvwError(Exception):
    """The root. `str(error)` is a sentence the person can act on."""

    code: ClassVar[str]
    status: ClassVar[int]
    """The HTTP status it is told with (RFC 9110, section 15)."""


class InvalidInput(RvwError):
    """The message cannot be understood."""

    code = "bad_request"
    status = 400


class InvalidOffer(InvalidInput):
    """The SDP offer is not one this server answers."""

    code = "bad_offer"


class InvalidSettings(InvalidInput):
    """A settings file, environment variable or flag is wrong."""

    code = "bad_settings"


class InvalidCatalogue(InvalidInput):
    """A region, matter or desk file is wrong."""

    code = "bad_catalogue"


class InvalidDocument(InvalidInput):
    """A card, a code or a verifier's result cannot be right, is over, or is signed by nobody known."""

    code = "bad_document"


class InvalidField(InvalidInput):
    """A field of the form takes no such value."""

    code = "bad_field"


class NotWhole(InvalidInput):
    """A record, certificate or log does not fit its hashes or its seal."""

    code = "not_whole"


class BadFile(InvalidInput):
    """A file that is handed in is not taken."""

    code = "bad_file"
    status = 422


class FileType(BadFile):
    """It is no JPEG, PNG or PDF, whatever its name says."""

    code = "file_type"
    status = 415


class Polyglot(BadFile):
    """It is two kinds of file at once."""

    code = "file_polyglot"


class ActiveContent(BadFile):
    """It holds a script or starts a program."""

    code = "file_active"


class Bomb(BadFile):
    """Looking at it needs too much memory or time."""

    code = "file_bomb"


class Encrypted(BadFile):
    """It is locked with a password."""

    code = "file_locked"


class BrokenFile(BadFile):
    """It is damaged or cut off."""

    code = "file_broken"


class Tampered(BadFile):
    """It is not what the sender said it would be."""

    code = "file_hash"


class FileName(BadFile):
    """Its name is a path, or holds what is no name."""

    code = "file_name"


class TooLarge(InvalidInput):
    """A file is larger than it may be."""

    code = "too_large"
    status = 413


class OutOfRange(InvalidInput):
    """A part of a file was asked for that it does not have."""

    code = "out_of_range"
    status = 416

    def __init__(self, length: int) -> None:
        """`length` is that of the file, in bytes: it is told, so that a right part can be asked for."""
        super().__init__(f"the file has {length} bytes")
        self.length = length


class NotSignedIn(RvwError):
    """The token is missing, expired or not ours."""

    code = "not_signed_in"
    status = 401


class WrongCredentials(RvwError):
    """The name or password, or the enrolment code, is wrong."""

    code = "wrong_credentials"
    status = 401


class NotAllowed(RvwError):
    """This role may not do this."""

    code = "not_allowed"
    status = 403


class NotPossible(RvwError):
    """The visit's state does not permit it now."""

    code = "not_possible"
    status = 409


class NoDesk(NotPossible):
    """No desk takes this matter for this region."""

    code = "no_desk"


class OfficerBusy(NotPossible):
    """The officer is not free for an offer."""

    code = "officer_busy"


class ConsentNeeded(NotPossible):
    """The matter is recorded by rule, and the resident has not agreed."""

    code = "consent_needed"


class Incomplete(NotPossible):
    """What the matter demands of this outcome is not all there."""

    code = "incomplete"


class NotFound(RvwError):
    """There is no such thing, or it is not shown to you."""

    code = "not_found"
    status = 404


class Conflict(RvwError):
    """Somebody else was faster, again and again."""

    code = "conflict"
    status = 409


class TooMany(RvwError):
    """A named limit is reached."""

    code = "too_many"
    status = 429


class Unavailable(RvwError):
    """A part of the system does not answer; try again."""

    code = "unavailable"
    status = 503


class NotMade(Unavailable):
    """What makes files of a recording has failed."""

    code = "not_made"
    status = 503


class NoRoom(Unavailable):
    """The disk or the store is full: nothing was kept."""

    code = "no_room"
    status = 507


class ReadOnly(Unavailable):
    """The disk or the store takes no writes: nothing was kept."""

    code = "read_only"
    status = 507
