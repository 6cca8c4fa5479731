"""When something is deleted, what stands in the way, and certificates in which no bit is free."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rvw.clock import DAY_S
from rvw.domain.catalogue import parse
from rvw.domain.catalogue.retention import Retention, fault, rule_for
from rvw.domain.certificate import SCHEMA, Certificate, GoneFile, GoneVersion, check, make
from rvw.domain.keeping import Hold, Kept, due, groups, in_force, lift, obstacle, place
from rvw.domain.people import Actor, Role
from rvw.domain.seal import Ed25519Signer, PublicKeys
from rvw.errors import InvalidCatalogue, InvalidInput, NotAllowed, NotFound, NotPossible, NotWhole
from tests.fakes.case_system import T0
from tests.unit.rvw.test_catalogue import DESK, MATTERS, PACK, REGIONS

FILM = Retention(id="films", kind="recording", days=1095, basis="个人信息保护法第十九条")
CARD_FILM = Retention(id="card-films", kind="recording", days=30, basis="内部规定", matters=("card",))
PACK_FILM = Retention(id="pack-films", kind="recording", days=90, basis="内部规定", packs=("cards",))
RECORD = Retention(id="records", kind="dossier", days=3652, basis="DA/T 85")
RULES = (FILM, CARD_FILM, PACK_FILM, RECORD)

LEAD = Actor("lead", Role.SUPERVISOR, "冯督导", "pudong")
STRANGER = Actor("other", Role.SUPERVISOR, "别处", "huangpu")
OFFICER = Actor("pudong1", Role.OFFICER, "李示例", "pudong")

KEPT = Kept(visit="v1", authority="pudong", matter="card", closed_at=T0, held=False, handed_over=True, open_tasks=0)


def hold(**changes: Any) -> Hold:
    """Return a hold on a visit of Pudong's."""
    made = Hold(id="h1", visit="v1", authority="pudong", by="lead", why="行政复议", since=T0)
    return msgspec.structs.replace(made, **changes)


def test_the_nearest_rule_holds() -> None:
    """The matter's own before its pack's before the one for all; where none is, it is kept for ever."""
    assert rule_for(RULES, "recording", "card", "cards") == CARD_FILM
    assert rule_for(RULES, "recording", "other-card", "cards") == PACK_FILM
    assert rule_for(RULES, "recording", "birth", "births") == FILM
    assert rule_for(RULES, "papers", "card", "cards") is None


def test_rules_are_for_matters_that_no_nearer_one_takes() -> None:
    """So no visit is looked at before it may be due, and one whose matter is gone goes by the rule for all."""
    found = {one.rule.id: one for one in groups(RULES, "recording", {"card": "cards", "other": "cards", "birth": ""})}
    assert (found["card-films"].matters, found["card-films"].others) == (("card",), False)
    assert found["pack-films"].matters == ("other",)
    assert (sorted(found["films"].matters), found["films"].others) == (["card", "other"], True)


@given(days=st.integers(0, 4000))
def test_nothing_goes_a_second_too_early(days: int) -> None:
    """A rule's days are counted from the closing."""
    rule = Retention(id="r", kind="recording", days=days, basis="b")
    end = T0 + days * DAY_S
    assert due(KEPT, "recording", [rule], "", end - 1) is None
    found = due(KEPT, "recording", [rule], "", end)
    assert found is not None
    assert (found.rule, found.since) == (rule, end)


def test_what_stands_in_the_way() -> None:
    """A hold first; then a record that has not arrived; then work that is not done."""
    assert obstacle(KEPT) is None
    changed = msgspec.structs.replace
    assert obstacle(changed(KEPT, open_tasks=1)) == "open_tasks"
    assert obstacle(changed(KEPT, open_tasks=1, handed_over=False)) == "not_handed_over"
    assert obstacle(changed(KEPT, open_tasks=1, handed_over=False, held=True)) == "held"


def test_a_hold_holds_until_it_ends_or_is_lifted() -> None:
    """By the supervisor of the authority, with a reason each time, and once."""
    placed = place(hold(until=T0 + 10 * DAY_S), LEAD, T0)
    assert in_force(placed, T0 + 10 * DAY_S - 1)
    assert not in_force(placed, T0 + 10 * DAY_S)
    lifted = lift(placed, LEAD, " 复议已结 ", T0 + DAY_S)
    assert not in_force(lifted, T0 + DAY_S)
    assert (lifted.lifted_by, lifted.lifted_why) == ("lead", "复议已结")
    with pytest.raises(NotPossible):
        lift(lifted, LEAD, "again", T0 + DAY_S)


def test_a_hold_is_not_anybodys_to_place() -> None:
    """Not an officer's, not another authority's; not without a reason, and not for ever at once."""
    with pytest.raises(NotAllowed):
        place(hold(), OFFICER, T0)
    with pytest.raises(NotFound):
        place(hold(), STRANGER, T0)
    with pytest.raises(InvalidInput):
        place(hold(why="  "), LEAD, T0)
    for until in (T0, T0 + 4000 * DAY_S):
        with pytest.raises(InvalidInput):
            place(hold(until=until), LEAD, T0)
    with pytest.raises(NotFound):
        lift(hold(), STRANGER, "why", T0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('matters = ["none"]', "there is no matter none"),
        ('packs = ["none"]', "there is no rule pack none"),
        ("days = -1", "days"),
        ('kind = "everything"', "kind"),
    ],
)
def test_a_rule_that_is_wrong_is_named_with_its_line(change: str, said: str) -> None:
    """A catalogue that cannot be kept by is refused."""
    lines = {"id": '"one"', "kind": '"dossier"', "days": "1", "basis": '"law"'}
    name, _, value = change.partition(" = ")
    text = "\n[[rule]]\n" + "\n".join(f"{key} = {one}" for key, one in (lines | {name: value}).items())
    with pytest.raises(InvalidCatalogue, match=rf"keeping\.toml, line [2-7].*{said}"):
        parse(REGIONS, MATTERS, DESK, rules=PACK, keeping=text)


def test_two_rules_for_the_same_are_refused() -> None:
    """Nobody could say afterwards by which one it was deleted."""
    twice = msgspec.structs.replace(FILM, id="films-again")
    assert fault([FILM, twice], (), ()) == (
        "films-again",
        "films says already how long the recording of all matters is kept",
    )
    assert fault(RULES, {"card"}, {"cards"}) == ("", "")


SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = PublicKeys((SIGNER.public(T0),))
GONE = Certificate(
    schema=SCHEMA,
    visit="v1",
    kind="dossier",
    authority="pudong",
    matter="card",
    closed_at=T0 + 0.123,
    rule=RECORD,
    due_at=T0 + 0.123 + 3652 * DAY_S,
    begun_at=T0 + 3653 * DAY_S,
    key_destroyed=True,
    versions=(GoneVersion(1, "a" * 64),),
    head="b" * 64,
    files=(GoneFile("c" * 64, 1234, "recording"),),
    places=("key", "files"),
)
SEALED = make(GONE, SIGNER, T0 + 3653 * DAY_S + 5)


def test_a_certificate_says_what_when_and_by_which_rule() -> None:
    """It is checked with the public key alone; the hashes are there."""
    found = check(SEALED, KEYS)
    assert found == msgspec.structs.replace(GONE, done_at=T0 + 3653 * DAY_S + 5)
    assert found.rule.basis == "DA/T 85"


@given(at=st.integers(0, len(SEALED) * 8 - 1))
def test_one_flipped_bit_of_a_certificate_is_found(at: int) -> None:
    """Wherever it is."""
    damaged = bytearray(SEALED)
    damaged[at // 8] ^= 1 << at % 8
    with pytest.raises(NotWhole):
        check(bytes(damaged), KEYS)


@pytest.mark.parametrize("change", [{"due_at": T0}, {"begun_at": T0}, {"schema": "rvw.deletion/0"}])
def test_a_sealed_certificate_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    """The key alone makes no certificate right: nothing was deleted before its rule let it go."""
    with pytest.raises(NotWhole):
        check(make(msgspec.structs.replace(GONE, **change), SIGNER, T0 + 4000 * DAY_S), KEYS)
