"""The endpoints of a visit's application: who applies, the form, signatures, and signing on a telephone."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from rvw.domain.application import Application
from rvw.domain.people import Actor, Role
from rvw.protocol import applications as a
from signaling.applications.consents import Consents
from signaling.applications.forms import Forms
from signaling.applications.identities import Identities
from signaling.applications.signing import Signatures
from signaling.keeping.audit import Audit
from signaling.routes import Call, Endpoint, signed_in


class ApplicationApi:
    """The handlers, and their table."""

    def __init__(
        self, identities: Identities, forms: Forms, consents: Consents, signatures: Signatures, audit: Audit
    ) -> None:
        self._identities = identities
        self._forms = forms
        self._consents = consents
        self._signatures = signatures
        self._audit = audit

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (*self._of_identity(), *self._of_form(), *self._of_signature())

    def _of_identity(self) -> tuple[Endpoint, ...]:
        return (
            _of("GET", "/api/visits/{visit}/application", "A visit's application", self.application, Application),
            _of("POST", "/api/visits/{visit}/identity", "Show a document", self.show, a.Masked, a.DocumentShown),
            _of("POST", "/api/visits/{visit}/identity/code", "Show a code", self.show_code, a.Masked, a.CodeShown),
            _of("POST", "/api/visits/{visit}/identity/challenge", "Ask a verifier", self.challenge, a.VerdictWanted),
            _of(
                "POST",
                "/api/visits/{visit}/identity/verdict",
                "A verifier's result",
                self.verdict,
                Application,
                a.VerdictShown,
            ),
            _of(
                "POST", "/api/visits/{visit}/identity/numbers/{proof}", "A whole number; recorded", self.tell, a.NumberTold
            ),
            _of("GET", "/api/visits/{visit}/identity/photos/{sha256}", "A document's photograph", self.photo, a.PhotoTold),
        )

    def _of_form(self) -> tuple[Endpoint, ...]:
        return (
            _of(
                "POST",
                "/api/visits/{visit}/form/numbers",
                "Fill in an identity number",
                self.fill,
                a.Masked,
                a.NumberFilled,
            ),
            _of(
                "POST",
                "/api/visits/{visit}/form/confirmation",
                "Confirm the form",
                self.confirm,
                a.DocumentMade,
                a.FormSeen,
            ),
            _of("POST", "/api/visits/{visit}/consent", "The consent as a document", self.document_consent, a.DocumentMade),
            _of("GET", "/api/visits/{visit}/documents/{sha256}", "A document's pages", self.pages, a.DocumentPages),
            _of("GET", "/api/visits/{visit}/documents/{sha256}/file", "A document as it is", self.file, a.DocumentFile),
        )

    def _of_signature(self) -> tuple[Endpoint, ...]:
        link = "A one-time link, to sign on a telephone"
        return (
            _of("POST", "/api/visits/{visit}/signatures", "Sign a document", self.sign, a.Signed, a.InkGiven),
            _of("POST", "/api/visits/{visit}/signatures/links", link, self.link, a.SigningLink, a.SigningLinkWanted),
            Endpoint("POST", "/api/signing", "What a link is for", self.come, a.SigningPaper, body=a.SigningComes),
            Endpoint("POST", "/api/signing/ink", "Sign by a link, once", self.sign_by_link, a.Signed, body=a.SigningInk),
        )

    async def application(self, call: Call) -> Struct:
        """Return the application."""
        actor, visit = signed_in(call), call.path["visit"]
        application = await self._identities.application(actor, visit)
        await self._noted(actor, visit, "application")
        return application

    async def show(self, call: Call) -> Struct:
        """Take a document."""
        return await self._identities.show(signed_in(call), call.path["visit"], call.body)

    async def show_code(self, call: Call) -> Struct:
        """Take a code."""
        return await self._identities.show_code(signed_in(call), call.path["visit"], call.body)

    async def challenge(self, call: Call) -> Struct:
        """Ask a verifier."""
        return await self._identities.challenge(signed_in(call), call.path["visit"])

    async def verdict(self, call: Call) -> Struct:
        """Take a result."""
        return await self._identities.verdict(signed_in(call), call.path["visit"], call.body)

    async def tell(self, call: Call) -> Struct:
        """Tell a number, written down before it is told."""
        actor, visit, proof = signed_in(call), call.path["visit"], call.path["proof"]
        number = await self._identities.tell(actor, visit, proof)
        await self._audit.note(actor, "saw", visit, f"identity number {proof}")
        return number

    async def photo(self, call: Call) -> Struct:
        """Show a photograph, written down before it is shown."""
        actor, visit, sha256 = signed_in(call), call.path["visit"], call.path["sha256"]
        photo = await self._identities.photo(actor, visit, sha256)
        await self._audit.note(actor, "saw", visit, f"photograph {sha256}")
        return photo

    async def fill(self, call: Call) -> Struct:
        """Fill a field with a number."""
        return await self._identities.fill(signed_in(call), call.path["visit"], call.body)

    async def confirm(self, call: Call) -> Struct:
        """Confirm the form."""
        return await self._forms.confirm(signed_in(call), call.path["visit"], call.body)

    async def document_consent(self, call: Call) -> Struct:
        """Make a document of what the resident has answered."""
        return await self._consents.document(signed_in(call), call.path["visit"])

    async def pages(self, call: Call) -> Struct:
        """Show a document."""
        actor, visit, sha256 = signed_in(call), call.path["visit"], call.path["sha256"]
        pages = await self._forms.pages(actor, visit, sha256)
        await self._noted(actor, visit, f"document {sha256}")
        return pages

    async def _noted(self, actor: Actor, visit: str, what: str) -> None:
        """Write down that a supervisor sees it; others take part in the visit, where it is made."""
        if actor.role is Role.SUPERVISOR:
            await self._audit.note(actor, "saw", visit, what)

    async def file(self, call: Call) -> Struct:
        """Give a document out, written down before it leaves."""
        actor, visit, sha256 = signed_in(call), call.path["visit"], call.path["sha256"]
        file = await self._forms.file(actor, visit, sha256)
        await self._audit.note(actor, "took", visit, f"document {sha256}")
        return file

    async def sign(self, call: Call) -> Struct:
        """Take a signature."""
        return await self._signatures.sign(signed_in(call), call.path["visit"], call.body)

    async def link(self, call: Call) -> Struct:
        """Make a link."""
        return await self._signatures.make_link(signed_in(call), call.path["visit"], call.body)

    async def come(self, call: Call) -> Struct:
        """Show a telephone what is to be signed."""
        return await self._signatures.come(call.body, call.address)

    async def sign_by_link(self, call: Call) -> Struct:
        """Take a signature from a telephone."""
        return await self._signatures.sign_by_link(call.body, call.address)


def _of(
    method: str,
    path: str,
    summary: str,
    handle: Callable[[Call], Awaitable[Struct]],
    answer: type[Struct],
    body: type[Struct] | None = None,
) -> Endpoint:
    """Return an endpoint for those who are signed in."""
    return Endpoint(method, path, summary, handle, answer, body=body, signed_in=True)
