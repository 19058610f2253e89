"""Forms of inspection: a page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from flowrack.inbound.queries_availability import scope_ids
from flowrack.inspection.queries import CheckRow
from flowrack.inspection.types import (
    BadPlan,
    BadResult,
    CheckKind,
    CheckResult,
    Decide,
    DefectClass,
    NewCheck,
    RecordResults,
    SetPlan,
    Verdict,
)
from flowrack.inspection.types_holds import Cause
from flowrack.locations import queries as locations
from flowrack.platform.web.render import read_by
from flowrack.shared import sampling
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units, parse_units

LONGEST_LIST = 2_000
MOST_DUE_DAYS = 365


class PlanForm(forms.Form):
    """An inspection plan; its checklist is one check a line."""

    item = forms.CharField(label="Item", required=False, max_length=60, help_text="SKU; empty for all items.")
    family = forms.CharField(label="Family", required=False, max_length=40, help_text="Code; empty for all families.")
    supplier = forms.CharField(label="Supplier", required=False, max_length=60, help_text="Code; empty for all.")
    site = forms.TypedChoiceField(label="Site", coerce=int)
    valid_from = forms.DateField(label="From", required=False, help_text="Empty for today.")
    level = forms.ChoiceField(label="Level", choices=[(x, x) for x in sampling.LEVELS], initial="II")
    aql = forms.TypedChoiceField(label="AQL", coerce=Decimal, initial=Decimal("1.0"))
    aql_minor = forms.TypedChoiceField(label="AQL for minor defects", coerce=Decimal, required=False, empty_value=None)
    tighten_after = forms.IntegerField(
        label="Tighten after", min_value=1, max_value=5, initial=2, help_text="Rejected lots of the last 5."
    )
    skip_after = forms.IntegerField(
        label="Skip lots after", min_value=0, max_value=1000, required=False, help_text="Accepted lots in a row."
    )
    skip_one_in = forms.IntegerField(
        label="Then inspect one in", min_value=2, max_value=10, required=False, help_text="Empty inspects every lot."
    )
    checks = forms.CharField(
        label="Checklist",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One check a line: Seal intact; Bore, 9.8 to 10.2 mm; Label legible, minor.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        aqls = [(aql, f"{aql.normalize():f}") for aql in sampling.aqls()]
        sites = [(0, "All sites"), *((s.site_id, f"{s.code} {s.name}") for s in locations.sites())]
        self.fields["aql"].choices = aqls  # type: ignore[attr-defined]
        self.fields["aql_minor"].choices = [("", "do not judge them"), *aqls]  # type: ignore[attr-defined]
        self.fields["site"].choices = sites  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Which goods the codes mean and what is checked; what is unknown or cannot be read is said at its field."""
        data: dict[str, Any] = super().clean() or {}
        scope = {"sku": data.get("item", ""), "family": data.get("family", ""), "supplier": data.get("supplier", "")}
        data["scope"] = read_by(self, lambda: scope_ids(**scope))
        data["read_checks"] = read_by(self, lambda: read_checks(data.get("checks", "")))
        return data

    def to_request(self) -> SetPlan:
        """The request of the command."""
        data = self.cleaned_data
        item, family, supplier = data["scope"]
        return SetPlan(
            item, family, supplier, data["site"], data["level"], data["aql"], data["aql_minor"],
            data["tighten_after"], data["skip_after"] or 0, data["skip_one_in"] or 0, data["valid_from"],
            data["read_checks"],
        )  # fmt: skip


def read_checks(text: str) -> list[NewCheck]:
    """A checklist as people type it: "Bore, 9.8 to 10.2 mm, critical". Refuses with BadPlan naming each bad line."""
    found, bad = [], []
    for n, line in enumerate((raw.strip() for raw in text.splitlines()), start=1):
        if not line:
            continue
        name, *rest = [part.strip() for part in line.split(",")]
        kind, words = DefectClass.MAJOR, []
        for part in rest:
            if part.lower() in tuple(DefectClass):
                kind = DefectClass(part.lower())
            else:
                words.append(part)
        if not words:
            found.append(NewCheck(name, CheckKind.YES_NO, kind))
            continue
        limits = _limits(" ".join(words))
        if limits is None:
            bad.append(
                BadLine(n, "checks", f"“{line}” has no limits that can be read.", "Write: Bore, 9.8 to 10.2 mm.")
            )
        else:
            low, high, unit = limits
            found.append(NewCheck(name, CheckKind.MEASURE, kind, unit, low, high))
    if bad:
        raise BadPlan(bad[0].message, lines=bad, fix=bad[0].fix)
    return found


def _limits(words: str) -> tuple[Decimal | None, Decimal | None, str] | None:
    """(low, high, unit) of "9.8 to 10.2 mm", "at least 5 N" or "at most 8 %"."""
    parts = words.split()
    numbers = [(i, n) for i, part in enumerate(parts) if (n := as_decimal(part)) is not None]
    if not numbers or len(numbers) > 2:
        return None
    unit = " ".join(parts[numbers[-1][0] + 1 :])
    if len(numbers) == 2:
        return numbers[0][1], numbers[1][1], unit
    if parts[:2] == ["at", "least"]:
        return numbers[0][1], None, unit
    return (None, numbers[0][1], unit) if parts[:2] == ["at", "most"] else None


def as_decimal(text: str) -> Decimal | None:
    """A measured value as typed; None for anything that is no plain number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**9 else None


def _units(post: Mapping[str, str], name: str, bad: list[BadLine], *, line: int = 0, label: str = "") -> Units:
    """A field of units, 0 when empty; what cannot be read goes to `bad`."""
    try:
        return parse_units(post.get(name, "").strip() or "0")
    except FlowrackError as refusal:
        bad.append(BadLine(line, label or name, refusal.message, refusal.fix))
        return Units(0)


def _refuse(bad: Sequence[BadLine]) -> None:
    if bad:
        raise BadResult("Nothing was kept: some fields cannot be read.", lines=list(bad))


def read_results(inspection_id: int, post: Mapping[str, str], checks: Sequence[CheckRow]) -> RecordResults:
    """What an inspector typed: units tested, failures or measured values of each check, other defects by class.

    Measured values stand in one field, with blanks between. Refuses with BadResult naming each bad field.
    """
    results: list[CheckResult] = []
    bad: list[BadLine] = []
    for check in checks:
        name = f"check_{check.id}"
        typed = post.get(name, "").strip()
        if check.kind == CheckKind.MEASURE:
            for n, word in enumerate(typed.replace(";", " ").split()[:LONGEST_LIST], start=1):
                value = as_decimal(word)
                if value is None:
                    bad.append(BadLine(check.line_no, check.name, f"“{word[:20]}” is no measured value.", "Type 9.95."))
                else:
                    results.append(CheckResult(check.id, n, value))
        elif typed:
            failed = _units(post, name, bad, line=check.line_no, label=check.name)
            results.append(CheckResult(check.id, 0, None, failed))
    for kind in DefectClass:
        if post.get(f"other_{kind.value}", "").strip():
            found = _units(post, f"other_{kind.value}", bad, label=f"{kind.value} defects")
            results.append(CheckResult(0, 0, None, found, kind, post.get("note", "")))
    tested = _units(post, "tested", bad, label="units tested")
    _refuse(bad)
    return RecordResults(inspection_id, tested, results)


def read_verdict(inspection_id: int, post: Mapping[str, str], *, now: datetime) -> Decide:
    """The verdict of the form: its parts, its reason, and until when a hold should be settled.

    Refuses with BadResult naming each bad field.
    """
    bad: list[BadLine] = []
    released, held, damaged = (_units(post, name, bad) for name in ("released", "held", "damaged"))
    days = _units(post, "due_days", bad, label="days to settle")
    if not 0 <= days <= MOST_DUE_DAYS:
        bad.append(BadLine(0, "days to settle", f"{days} days cannot be.", f"Type up to {MOST_DUE_DAYS}."))
    _refuse(bad)
    return Decide(
        inspection_id,
        Verdict(post.get("verdict", "hold") if post.get("verdict") in tuple(Verdict) else "hold"),
        released,
        held,
        damaged,
        post.get("reason", ""),
        due_at=now + timedelta(days=days) if post.get("due_days", "").strip() else None,
        cause=Cause(post["cause"]) if post.get("cause") in tuple(Cause) else Cause.QUALITY,
    )
