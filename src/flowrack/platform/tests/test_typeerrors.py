"""A request that its types refuse: each fault names its document, line and field, and the way out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from django.test import Client
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from tests.cast import KIM, bearer

from flowrack.platform.typeerrors import ELSE, KINDS, bad_lines


class Velocity(StrEnum):
    A = "A"
    B = "B"


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    units: int = 1
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal(1)
    share: float = 1.0
    day: date = date(2027, 1, 1)
    at: AwareDatetime = datetime.fromisoformat("2027-01-01T00:00Z")
    is_urgent: bool = False
    velocity: Velocity = Velocity.A
    kind: Literal["x"] = "x"
    note: Annotated[str, Field(max_length=5, min_length=2, pattern="^[a-z]*$")] = "ab"
    few: Annotated[list[int], Field(max_length=1)] = []
    percent: Annotated[int, Field(ge=0, lt=100)] = 0
    inner: dict[str, int] = {}


@pytest.mark.parametrize(
    ("field", "value", "message", "fix"),
    [
        ("units", "abc", "“abc” is not a whole number.", "Use a whole number, for example 12."),
        ("units", 1.5, "“1.5” is not a whole number.", "Use a whole number, for example 12."),
        ("units", "", "The field is empty.", "Use a whole number, for example 12."),
        ("price", "", "The field is empty.", "Use a number with a point, for example 12.50."),
        ("day", "", "The field is empty.", "Write it as 2027-01-31."),
        ("units", None, "The field is empty.", "Use a whole number, for example 12."),
        ("price", "x", "“x” is not a number.", "Use a number with a point, for example 12.50."),
        ("price", "1.234", "“1.234” has too many decimal places.", "Use at most 2 places."),
        ("share", "x", "“x” is not a number.", "Use a number with a point, for example 12.50."),
        ("day", "2027-02-29", "“2027-02-29” is not a day of the calendar.", "Write it as 2027-01-31."),
        ("at", "2027-01-31T08:00:00", "“2027-01-31T08:00:00” has no time zone.", "Write it as 2027-01-31T08:00:00Z."),
        ("at", "soon", "“soon” is not a time.", "Write it as 2027-01-31T08:00:00Z."),
        ("is_urgent", "perhaps", "“perhaps” is neither yes nor no.", "Use true or false."),
        ("velocity", "Q", "“Q” is not one of the choices.", "Use 'A' or 'B'."),
        ("kind", "y", "“y” is not one of the choices.", "Use 'x'."),
        ("note", 4, "“4” is not a text.", "Write it in quotes."),
        ("note", "abcdef", "“abcdef” is too long.", "Use at most 5 characters."),
        ("note", "a", "“a” is too short.", "Use at least 2 characters."),
        ("note", "A1", "“A1” is not written as it must be.", "It must match ^[a-z]*$."),
        ("few", [1, 2], "The list is too long.", "Send at most 1 entries at a time."),
        ("few", 3, "“3” is not a list.", "Send a list: [ ... ]."),
        ("percent", -1, "“-1” is too small.", "Use 0 or more."),
        ("percent", 100, "“100” is too large.", "Use less than 100."),
        ("inner", 3, "“3” is not an object.", "Send an object: { ... }."),
        ("colour", "red", "There is no such field.", "Leave it out, or check how it is written."),
    ],
)
def test_each_kind_of_type_error_has_its_sentence_and_way_out(field: str, value: Any, message: str, fix: str):
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate({field: value})
    [line] = bad_lines([{**one, "loc": ("body", "body", *one["loc"])} for one in refused.value.errors()])
    assert (line.line, line.field, line.message, line.fix) == (0, field, message, fix)


def test_every_way_out_is_whole():
    assert [kind for kind, said, fix in (*KINDS, ("", *ELSE)) if not fix.endswith(".") or not said] == []


@pytest.mark.django_db
def test_each_bad_line_of_each_document_is_named(client: Client):
    good = {"item": "MUG", "quantity": "1"}
    orders = [
        {"customer": "C", "site_id": 1, "lines": [good, good, {"item": "MUG", "quantity": []}]},
        {"customer": "C", "site_id": 1, "wanted_on": "2027-02-29", "lines": [{"item": 5, "quantity": "1"}, {}]},
    ]
    answer = client.post("/api/v1/orders", {"orders": orders}, "application/json", headers=bearer(KIM))
    assert answer.status_code == 422
    told = [(error["line"], error["field"]) for error in answer.json()["errors"]]
    assert (3, "orders.1.lines.3.quantity") in told
    assert (2, "orders.2.wanted_on") in told
    assert (1, "orders.2.lines.1.item") in told and (2, "orders.2.lines.2.item") in told
    assert all(error["fix"] for error in answer.json()["errors"])
