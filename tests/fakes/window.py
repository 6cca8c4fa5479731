"""A window with its application: office and ledger in memory, a blob store in a folder, real PDFs, real seals."""

from pathlib import Path

from rvw.cli.devices.bench import SimPerson
from rvw.cli.devices.issuer import Issuer, public_file
from rvw.domain import commands as c
from rvw.domain.application import APPLICATION, Application
from rvw.domain.decide import Around
from rvw.domain.people import Actor
from signaling.applications.consents import Consents
from signaling.applications.esign import NoOutsideSigning
from signaling.applications.forms import Forms
from signaling.applications.identities import Identities
from signaling.applications.kept import Kept
from signaling.applications.signing import Signatures
from signaling.applications.verifier import open_verifier
from signaling.blobs import Blobs
from signaling.dossiers.keys import open_keys
from tests.fakes.counter import TERMS, Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, TOWN, answer

WANG = SimPerson("wang", "王示例", "310115195203079026")
LI = SimPerson("li", "李样本", "310115199011239011")
TEA = SimPerson("tea", "上海示例茶叶有限公司", "91310115MA0000000U", "business")
LINK_S = 900.0


class Window:
    """Everything around one visit in which Li and a resident talk."""

    def __init__(self, counter: Counter, folder: Path, blobs: Blobs) -> None:
        self.counter = counter
        self.folder = folder
        self.issuer = Issuer(folder / "issuer", counter.clock)
        self.keys = open_keys(folder / "seals", counter.clock())
        self.kept = Kept(blobs)
        office, ledger, clock = counter.office, counter.ledger, counter.clock
        verifier = open_verifier(str(public_file(folder / "issuer")), clock)

        def around() -> Around:
            return Around(terms=TERMS, catalogue=TOWN)

        self.identities = Identities(office, ledger, self.kept, verifier, around, clock)  # type: ignore[arg-type]
        self.forms = Forms(office, ledger, self.kept, lambda: TOWN)  # type: ignore[arg-type]
        self.consents = Consents(office, ledger, self.kept, lambda: TOWN)  # type: ignore[arg-type]
        self.signatures = Signatures(
            office,
            ledger,  # type: ignore[arg-type]
            self.kept,
            self.keys,
            NoOutsideSigning(),
            around,
            clock,
            LINK_S,
        )
        for actor in (KIOSK_ONE, OFFICER_LI):
            counter.perform(actor, c.SetPresence("ready"))
        self.visit = counter.perform(KIOSK_ONE, c.Open("card", "310113", answers=(answer(subject="sensitive"),)))
        counter.match()
        self.does(OFFICER_LI, c.Accept())

    def does(self, actor: Actor, command: c.Command) -> None:
        """Carry out a command in the visit."""
        self.counter.perform(actor, command, self.visit)

    async def now(self) -> Application:
        """Return the application as it is."""
        return await self.counter.ledger.beside(APPLICATION, self.visit)

    def fills(self) -> None:
        """Fill all that must be filled."""
        self.does(KIOSK_ONE, c.FillField("phone", "13800000000"))
        self.does(OFFICER_LI, c.FillField("delivery", "邮寄"))
