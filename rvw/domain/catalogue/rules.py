"""A rule pack: what a matter asks of a visit. Many matters share one.

It says what has to be there; whether it is there is the dossier's to know, and who checks it is the policy's.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rvw.domain.catalogue.matter import Level
from rvw.domain.people import Role

Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, Meta(min_length=1, max_length=80)]
Hint = Annotated[str, Meta(max_length=200)]

Identity = Literal["none", "shown", "verified"]
"""`shown`: the officer sees the document beside the face. `verified`: read by a device or an outside verifier as well."""
Signature = Literal["none", "resident", "both"]
Recording = Literal["none", "allowed", "required"]
Must = Literal["identity", "materials", "form", "signature", "recording", "note", "next-step", "notice"]
"""What a visit must have before it may be closed with an outcome. `notice` is the list of what was missing (一次性告知)."""

LEVELS: tuple[Level, ...] = ("street", "district", "city", "province")


class Material(Struct, frozen=True, forbid_unknown_fields=True):
    """A paper that is needed."""

    id: Id
    name: Text
    name_en: Text
    kind: Literal["original", "copy", "form"]
    """`form` is filled in here, from the fields of the pack, or brought filled in."""
    required: bool = True
    still: bool = True
    """May be taken as a still by the document camera. Otherwise it is handed in at the hall, or referred to."""
    licence: Annotated[str, Meta(max_length=40)] = ""
    """The kind of electronic licence that may be referred to instead; empty when there is none."""
    when: Hint = ""
    """In which case it is needed, in words, for one that is not always."""
    when_en: Hint = ""


FieldKind = Literal[
    "text",
    "long-text",
    "number",
    "money",
    "date",
    "phone",
    "identity-number",
    "document-number",
    "address",
    "choice",
    "yes-no",
]
"""`document-number`: of a passport, a permit to travel, a taxpayer. It and `identity-number` are masked on every page."""

MASKED_KINDS: frozenset[FieldKind] = frozenset({"identity-number", "document-number"})


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of the matter's form, which resident and officer fill in together."""

    id: Id
    name: Text
    name_en: Text
    kind: FieldKind
    required: bool = True
    choices: tuple[Text, ...] = ()
    choices_en: tuple[Text, ...] = ()


class RulePack(Struct, frozen=True, forbid_unknown_fields=True):
    """What a matter asks of a visit."""

    id: Id
    name: Text
    name_en: Text
    materials: tuple[Material, ...] = ()
    fields: tuple[Field, ...] = ()
    identity: Identity = "none"
    signature: Signature = "none"
    recording: Recording = "allowed"
    """Consent is asked for in any case: `required` means that without it the matter cannot be done over the window."""
    levels: tuple[Level, ...] = LEVELS
    """The levels of desk that may accept; the others may guide and hand on."""
    roles: tuple[Role, ...] = (Role.OFFICER,)
    """Who may accept. A guest is the officer of a partner hall or a higher level, invited into the visit."""
    minutes: Annotated[int, Meta(ge=1, le=240)] = 12
    """How long such a visit typically lasts, for matters that do not say it themselves."""
    accepted: tuple[Must, ...] = ()
    """What a visit must have to be closed as accepted."""
    returned: tuple[Must, ...] = ("notice",)
    """What it must have to be closed as returned with a notice."""
    handover: Literal["", "http", "folder", "pull"] = ""
    """The way records go to the case system, if not the one of the settings."""


def contradiction(pack: RulePack) -> str:
    """Return what in the pack cannot be meant, as a sentence; empty when nothing is."""
    ids = [material.id for material in pack.materials], [field.id for field in pack.fields]
    if twice := [id for some in ids for id in some if some.count(id) > 1]:
        return f"{twice[0]} is there twice"
    if unequal := [field.id for field in pack.fields if len(field.choices) != len(field.choices_en)]:
        return f"field {unequal[0]} has not as many choices_en as choices"
    if wrong := [field.id for field in pack.fields if (field.kind == "choice") != bool(field.choices)]:
        return f"field {wrong[0]}: choices belong to the kind choice, and it needs some"
    if bare := [one.id for one in pack.materials if not one.required and not (one.when and one.when_en)]:
        return f"material {bare[0]} is not always required, but `when` and `when_en` do not tell in which case it is"
    if not pack.levels or not pack.roles:
        return "without levels and roles nobody may accept"
    asked = {"identity": pack.identity != "none", "signature": pack.signature != "none"}
    asked |= {"recording": pack.recording == "required", "materials": bool(pack.materials)}
    asked |= {"form": bool(pack.fields) or any(one.kind == "form" for one in pack.materials)}
    missing = [must for must in (*pack.accepted, *pack.returned) if not asked.get(must, True)]
    return f"{missing[0]} must be there at the end, but the pack does not ask for it" if missing else ""


PLAIN = RulePack("plain", "咨询", "Advice")
"""The pack of a matter that names none."""
