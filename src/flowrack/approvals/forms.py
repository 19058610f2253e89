"""Forms of approvals: who stands in until when; a version of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import slugify

from flowrack.approvals import queries_people
from flowrack.approvals.queries_policies import PolicyRow
from flowrack.approvals.rules import OPERATORS
from flowrack.approvals.types import KINDS, Condition, Delegate, DocumentKind, PolicyStep, WritePolicy
from flowrack.platform.roles import ROLES

MORE_CONDITIONS, MORE_STEPS = 3, 2


def _day(label: str, *, required: bool, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class DelegateForm(forms.Form):
    """Who stands in for whom, until the end of which day."""

    to = forms.TypedChoiceField(label="Stands in", coerce=int)
    of = forms.TypedChoiceField(label="For", coerce=int)
    begins_on = _day("From", required=False, help_text="Empty: from now on.")
    until = _day("Until the end of", required=True)
    kind = forms.ChoiceField(
        label="For what",
        required=False,
        choices=lambda: [("", "Everything"), *((k.code, k.label) for k in KINDS.values())],
    )

    def __init__(self, data: Any, *, people: Mapping[int, str], me: int, may_for_others: bool) -> None:
        super().__init__(data, initial={"of": me})
        others = [(pk, name) for pk, name in people.items() if pk != me]
        own = [(me, people.get(me, "Myself"))]
        self.fields["to"].choices = others  # type: ignore[attr-defined]
        self.fields["of"].choices = [*own, *others] if may_for_others else own  # type: ignore[attr-defined]

    def to_request(self, at: datetime) -> Delegate:
        """The delegation as the command wants it; days are by the clock of the page."""
        data = self.cleaned_data
        begins = _at(data["begins_on"], time(0)) if data["begins_on"] else None
        return Delegate(
            to_id=data["to"],
            until=_at(data["until"], time(23, 59)),
            begins_at=None if begins is None or begins <= at else begins,
            from_id=data["of"],
            kinds=[data["kind"]] if data["kind"] else [],
        )


def _at(day: Any, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


def _roles() -> list[tuple[str, str]]:
    return [("", ""), *((role, ROLES[role]) for role in queries_people.approver_roles())]


def _fields() -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for kind in KINDS.values():
        for fact in (
            *(f for f in (kind.fact("amount"), kind.fact("day_total"), kind.fact("week_total")) if f),
            *kind.facts,
        ):
            found.setdefault(fact.name, fact.label[:1].upper() + fact.label[1:])
    return [("", ""), *found.items()]


class ConditionForm(forms.Form):
    """A condition; an empty row is none."""

    field = forms.ChoiceField(label="What", required=False, choices=_fields)
    operator = forms.ChoiceField(label="Is", required=False, choices=list(OPERATORS.items()))
    value = forms.CharField(label="Value", required=False, max_length=80)


class StepForm(forms.Form):
    """A step; an empty row is none."""

    sequence = forms.IntegerField(label="Place", required=False, min_value=1, max_value=12)
    roles = forms.MultipleChoiceField(
        label="Any of", required=False, choices=lambda: _roles()[1:], widget=forms.CheckboxSelectMultiple
    )
    needed = forms.IntegerField(label="People", required=False, min_value=1, max_value=5)
    deadline_hours = forms.IntegerField(label="Within hours", required=False, min_value=1, max_value=1440)
    escalation_role = forms.ChoiceField(label="After that also", required=False, choices=_roles)


Conditions = forms.formset_factory(ConditionForm, extra=MORE_CONDITIONS, max_num=12, absolute_max=12)
Steps = forms.formset_factory(StepForm, extra=MORE_STEPS, max_num=12, absolute_max=12)


class PolicyForm(forms.Form):
    """A version of a policy with its conditions and steps."""

    kind = forms.ChoiceField(label="Document")
    name = forms.CharField(label="Name", max_length=120, help_text="Say when it asks.")
    is_active = forms.BooleanField(label="It asks (off: it asks nobody)", required=False, initial=True)
    begins_on = _day("In force from", required=False, help_text="Empty: from now on.")
    reason = forms.CharField(label="Why this change", max_length=200)

    def __init__(
        self, data: Any, *, kinds: Mapping[str, DocumentKind], base: PolicyRow | None = None, turned: bool = False
    ) -> None:
        first = {} if base is None else {"kind": base.kind, "name": base.name, "is_active": base.is_active ^ turned}
        super().__init__(data, initial=first)
        self.base = base
        choices = [(code, kind.label) for code, kind in kinds.items()]
        self.fields["kind"].choices = [c for c in choices if base is None or c[0] == base.kind]  # type: ignore[attr-defined]
        self.conditions = Conditions(data, prefix="c", initial=_condition_rows(base))
        self.steps = Steps(data, prefix="s", initial=_step_rows(base))

    def is_valid(self) -> bool:
        """Whether all of it can be understood."""
        return bool(super().is_valid()) & self.conditions.is_valid() & self.steps.is_valid()

    def to_request(self) -> WritePolicy:
        """The version as the command wants it."""
        data = self.cleaned_data
        return WritePolicy(
            kind=data["kind"],
            code=self.base.code if self.base else slugify(data["name"])[:40].strip("-"),
            name=data["name"],
            conditions=[
                Condition(row["field"], row["operator"], row["value"])
                for row in self.conditions.cleaned_data
                if row.get("field")
            ],
            steps=[_step(row) for row in self.steps.cleaned_data if row.get("roles")],
            reason=data["reason"],
            is_active=data["is_active"],
            effective_from=_at(data["begins_on"], time(0)) if data["begins_on"] else None,
        )


def _step(row: Mapping[str, Any]) -> PolicyStep:
    return PolicyStep(
        row["sequence"] or 1, tuple(row["roles"]), row["needed"] or 1, row["deadline_hours"], row["escalation_role"]
    )


def _condition_rows(base: PolicyRow | None) -> list[dict[str, Any]]:
    if base is None:
        return []
    return [{"field": c.field, "operator": c.operator, "value": c.value} for c in base.conditions]


def _step_rows(base: PolicyRow | None) -> list[dict[str, Any]]:
    if base is None:
        return [{"sequence": 1, "needed": 1}]
    return [
        {
            "sequence": s.sequence,
            "roles": list(s.roles),
            "needed": s.needed,
            "deadline_hours": s.deadline_hours,
            "escalation_role": s.escalation_role,
        }
        for s in base.steps
    ]
