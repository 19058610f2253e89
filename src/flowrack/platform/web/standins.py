"""What of a form could be read, so that its command is rehearsed in the round in which the form's faults are shown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms

from flowrack.platform.http import now


def readable(form: forms.Form, **stand_ins: Any) -> dict[str, Any]:
    """The values of a form's fields. Where a field has a fault, a value stands in that makes no other fault: what is
    said of that field then is left out (see render.perform_form). Values of fields that are cleaned to something else
    than their kind are named: `supplier=0`."""
    form.is_valid()
    return {
        name: form.cleaned_data[name] if name in form.cleaned_data else stand_ins.get(name, _stand_in(field))
        for name, field in form.fields.items()
    }


def _first(field: Any) -> Any:
    value = next((value for value, _ in field.choices), "")
    return field.coerce(value) if isinstance(field, forms.TypedChoiceField) and value != "" else value


# The first kind that fits counts: Django's decimals are integers, and its choices of several are choices.
_OF_KIND: list[tuple[type[forms.Field], Callable[[Any], Any]]] = [
    (forms.DecimalField, lambda field: Decimal(field.min_value or 0)),
    (forms.IntegerField, lambda field: int(field.min_value or 0)),
    (forms.DateField, lambda field: now().date()),
    (forms.MultipleChoiceField, lambda field: []),
    (forms.ChoiceField, _first),
    (forms.BooleanField, lambda field: False),
]


def _stand_in(field: Any) -> Any:
    if not field.required and isinstance(field, forms.IntegerField | forms.DateField):
        return None
    if field.initial is not None:
        return field.to_python(field.initial)
    return next((make(field) for kind, make in _OF_KIND if isinstance(field, kind)), "")
