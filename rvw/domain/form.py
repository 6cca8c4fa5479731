"""The matter's form: what may stand in a field, and what is missing. Which fields there are is in the rule pack."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from rvw.domain import numbers
from rvw.domain.catalogue import Field, RulePack
from rvw.errors import InvalidField, InvalidInput

MAX_VALUE = 2_000
"""The longest value of a field, in characters."""

MOST: Mapping[str, int] = {"text": 200, "long-text": MAX_VALUE, "address": 300}
MAX_NUMBER = Decimal(10) ** 12

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")
YES, NO = "yes", "no"


def field_of(pack: RulePack, id: str) -> Field:
    """Return a field of the form. Raises `InvalidInput` if it has none of that id."""
    for field in pack.fields:
        if field.id == id:
            return field
    raise InvalidInput(f"the form has no field {id}")


def normal(field: Field, value: str) -> str:
    """Return the value as it is kept; empty clears the field. Raises `InvalidInput`, which never repeats the value."""
    text = " ".join(value.split()) if field.kind != "long-text" else value.strip()
    return _normal(field, text) if text else ""


def _normal(field: Field, text: str) -> str:
    match field.kind:
        case "number":
            return _number(field, text, places=0)
        case "money":
            return _number(field, text, places=2)
        case "date":
            return _date(field, text)
        case "phone":
            return _phone(field, text)
        case "identity-number" | "document-number":
            return kept_number(field, text)
        case "choice":
            return _one_of(field, text, field.choices)
        case "yes-no":
            return _one_of(field, text, (YES, NO))
        case _:
            return _short(field, text)


def kept_number(field: Field, value: str) -> str:
    """Return a number that is masked on every page, as it is kept. Raises `InvalidInput`."""
    text = "".join(value.split()).upper()
    said = numbers.fault("person", text) if field.kind == "identity-number" else numbers.document_fault(text)
    if said:
        raise InvalidField(f"{field.id}: {said}")
    return text


def masked(field: Field, number: str) -> str:
    """Return what everybody may see of such a number."""
    return numbers.masked(number) if field.kind == "identity-number" else numbers.document_masked(number)


def missing(pack: RulePack, filled: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the fields that must be filled and are not."""
    return tuple(field.id for field in pack.fields if field.required and not filled.get(field.id))


def _short(field: Field, text: str) -> str:
    if len(text) > MOST[field.kind]:
        raise InvalidField(f"{field.id}: at most {MOST[field.kind]} characters")
    return text


def _phone(field: Field, text: str) -> str:
    if not (_MOBILE.fullmatch(text) or _LANDLINE.fullmatch(text)):
        raise InvalidField(f"{field.id}: this is no telephone number")
    return text


def _number(field: Field, text: str, places: int) -> str:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidField(f"{field.id}: this is no number") from error
    if not number.is_finite() or not 0 <= number < MAX_NUMBER:
        raise InvalidField(f"{field.id}: the number is too large, or below zero")
    kept = round(number, places) if places else number.to_integral_value()
    if kept != number:
        raise InvalidField(f"{field.id}: at most {places} digits after the point")
    return f"{kept:.{places}f}"


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidField(f"{field.id}: a date is written 2026-11-27") from error


def _one_of(field: Field, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise InvalidField(f"{field.id}: this is none of the choices")
    return text
