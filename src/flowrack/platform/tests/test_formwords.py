"""Every field of every form says in our words what is missing or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django import forms
from django.urls import get_resolver

from flowrack.platform.web import formwords

OURS = {words for of in formwords.FIELDS.values() for words in of.values()}
OURS |= {*formwords.VALIDATORS.values(), *formwords.DECIMALS.values()}


def all_forms(base: type[forms.BaseForm] = forms.Form) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        if form.__module__.startswith("flowrack."):
            yield form
        yield from all_forms(form)


def texts(field: forms.Field) -> Iterator[str]:
    """All that a field may say, before its values are filled in."""
    yield from (str(words) for words in field.error_messages.values())
    for check in [*field.validators, *type(field).default_validators]:
        yield from (str(words) for words in getattr(check, "messages", {}).values())
        if hasattr(check, "message"):
            yield str(check.message)


def test_no_field_of_any_form_speaks_djangos_words():
    assert get_resolver().url_patterns  # all stages' forms are known then
    found = {
        f"{form.__module__}.{form.__name__}.{name}: {said}"
        for form in all_forms()
        for name, field in form.base_fields.items()
        for said in texts(field)
        if said not in OURS
    }
    assert len(list(all_forms())) > 100
    assert not found, sorted(found)


class Asked(forms.Form):
    units = forms.IntegerField(min_value=1, max_value=9)
    price = forms.DecimalField(max_digits=6, decimal_places=2)
    on = forms.DateField(label="Wanted on")
    kind = forms.ChoiceField(choices=[("a", "A")])
    note = forms.CharField(max_length=3)
    is_sure = forms.BooleanField()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"units": ""}, "Units is missing: type a whole number."),
        ({"units": "x"}, "Units: This is not a whole number. Type digits only, for example 12."),
        ({"units": "0"}, "Units: 0 is too little. Use 1 or more."),
        ({"units": "10"}, "Units: 10 is too much. Use 9 or less."),
        ({"price": "x"}, "Price: This is not a number. Type it with a point, for example 12.50."),
        ({"price": "1.234"}, "Price: This has too many decimal places. Use at most 2."),
        ({"price": "12345"}, "Price: This number is too large. Use at most 4 digits before the point."),
        ({"on": ""}, "Wanted on is missing: choose a day."),
        ({"on": "soon"}, "Wanted on: This is no day of the calendar. Write it as 2026-12-31."),
        ({"kind": "b"}, "Kind: “b” is not one of the choices. Choose one of them."),
        ({"note": "long"}, "Note: 4 characters are too many. Use 3 or fewer."),
        ({"is_sure": ""}, "Is sure is missing: tick it to go on."),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(typed: dict[str, str], said: str):
    right = {"units": "1", "price": str(Decimal("1.5")), "on": "2026-12-31", "kind": "a", "note": "ab", "is_sure": "on"}
    form = Asked({**right, **typed})
    assert [formwords.summary(str(form[name].label), str(one)) for name, of in form.errors.items() for one in of] == [
        said
    ]
