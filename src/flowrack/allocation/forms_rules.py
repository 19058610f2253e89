"""The form of an allocation rule set: numbers in fields, classes and quotas as lines of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from flowrack.allocation import queries_rules
from flowrack.allocation.rules_check import faults_of
from flowrack.allocation.rules_compare import told_class, told_quota
from flowrack.allocation.rules_text import CLASS_HELP, QUOTA_HELP, class_text, quota_text, read_classes, read_quotas
from flowrack.allocation.rules_text_sites import ORDERS as ORDERS_OF_SITES
from flowrack.allocation.rules_text_sites import PREFERENCE_HELP, preference_text, read_preferences, told_preference
from flowrack.allocation.types_rules import LIFE_ORDERS, SITE_ORDERS, RuleSet, SiteRule, SupplyRule, WriteRuleSet
from flowrack.locations import queries as places
from flowrack.shared.errors import BadLine

ORDERS = {"fefo": "first expired, first out", "fifo": "first in, first out"}


def _sites() -> list[tuple[str, str]]:
    return [("0", "Every site without rules of its own"), *((str(s.site_id), s.name) for s in places.sites())]


class RuleSetForm(forms.Form):
    """A rule set; `bad` holds the lines of text that could not be read."""

    site_id = forms.TypedChoiceField(label="Where", choices=_sites, coerce=int)
    name = forms.CharField(label="Name", max_length=80)
    classes = forms.CharField(
        label="Classes, served in this order",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        max_length=20_000,
        help_text=f"One on a line. {CLASS_HELP}; score tier 4, date 3",
    )
    quotas = forms.CharField(
        label="Quotas",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        max_length=20_000,
        required=False,
        help_text=f"One on a line. {QUOTA_HELP}",
    )
    fairness_percent = forms.IntegerField(
        label="Most for one customer, %", help_text="Of what is free, while others of its class wait. 100: no cap."
    )
    horizon_days = forms.IntegerField(
        label="Promised at most, days ahead", required=False, help_text="Empty: as soon as there is stock."
    )
    date_days = forms.IntegerField(label="Days until a date has no urgency", help_text="For the score.")
    promises = forms.ChoiceField(
        label="Promised days",
        choices=[("keep", "are kept where they can be"), ("rank", "do not count: the rank alone decides")],
        help_text="Kept: stock stays for lines and quotes whose promised day needs it, whoever ranks before them. Only "
        "a class that guarantees goes first.",
    )
    full_runs = forms.ChoiceField(
        label="Full runs share out",
        choices=[("rank", "by rank"), ("best", "by the best total value")],
        required=False,
        help_text="Best: an exact solver finds which lines should stand back so that more value is served in all: the "
        "price of the units, twice for tier B and four times for tier A. Promised days, guarantees, quotas and lots "
        "count as ever; where time does not suffice, the rank decides.",
    )
    solver_seconds = forms.IntegerField(
        label="Seconds for the solver", required=False, help_text="For each part of a full run. Empty: 30."
    )
    order = forms.ChoiceField(label="Lots", choices=[(key, ORDERS[key]) for key in LIFE_ORDERS])
    min_life_days = forms.IntegerField(
        label="Remaining life, days at least", help_text="Even if the customer asks for less."
    )
    full_packs = forms.BooleanField(label="Whole pallets and cases first", required=False)
    one_lot = forms.BooleanField(label="One lot where one covers the line", required=False)
    pick_face_only = forms.BooleanField(label="From pick faces only", required=False)
    site_order = forms.ChoiceField(
        label="Ship from",
        required=False,
        choices=[(key, ORDERS_OF_SITES[key]) for key in SITE_ORDERS],
        help_text="For orders that any site may send. Only rules for every site say it.",
    )
    split_cost = forms.DecimalField(
        label="A split costs",
        required=False,
        max_digits=10,
        decimal_places=2,
        help_text="For each site more. 0: nothing.",
    )
    late_days = forms.IntegerField(
        label="Late by more than, days", required=False, help_text="Then other sites are looked at. 0: at any delay."
    )
    late_percent = forms.IntegerField(
        label="A day late costs, %", required=False, help_text="Of the price of what is late."
    )
    preferences = forms.CharField(
        label="Preferred sites",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        max_length=20_000,
        required=False,
        help_text=f"One on a line. {PREFERENCE_HELP}",
    )
    note = forms.CharField(label="Why", max_length=200, required=False, help_text="Who approves it reads this.")

    bad: list[BadLine]

    @staticmethod
    def initial_of(rules: RuleSet, *, site_id: int, name: str, note: str = "") -> dict[str, Any]:
        """What the fields show of a rule set."""
        codes = queries_rules.codes()
        return {
            "site_id": site_id,
            "name": name,
            "note": note,
            "classes": "\n".join(class_text(one, codes) for one in rules.classes),
            "quotas": "\n".join(quota_text(one, codes) for one in rules.quotas),
            "fairness_percent": rules.fairness_percent,
            "horizon_days": rules.horizon_days,
            "date_days": rules.date_days,
            "promises": rules.promises,
            "full_runs": rules.full_runs,
            "solver_seconds": rules.solver_seconds,
            "order": rules.supply.order,
            "min_life_days": rules.supply.min_life_days,
            "full_packs": rules.supply.full_packs,
            "one_lot": rules.supply.one_lot,
            "pick_face_only": rules.supply.pick_face_only,
            "site_order": rules.sites.order,
            "split_cost": rules.sites.split_cost,
            "late_days": rules.sites.late_days,
            "late_percent": rules.sites.late_percent,
            "preferences": "\n".join(preference_text(one, codes) for one in rules.sites.preferences),
        }

    def to_request(self, rule_set_id: int = 0) -> WriteRuleSet:
        """The command's request; lines that cannot be read stand in `bad`."""
        data = self.cleaned_data
        codes = queries_rules.codes()
        classes, bad_classes = read_classes(data["classes"], codes)
        quotas, bad_quotas = read_quotas(data["quotas"], codes)
        preferences, bad_preferences = read_preferences(data["preferences"], codes)
        self.bad = [*bad_classes, *bad_quotas, *bad_preferences]
        fields = ("site_order", "split_cost", "late_days", "late_percent")
        said = {name.removeprefix("site_"): data[name] for name in fields if data[name] not in (None, "")}
        rules = RuleSet(
            classes=tuple(classes),
            quotas=tuple(quotas),
            supply=SupplyRule(
                data["order"], data["full_packs"], data["one_lot"], data["pick_face_only"], data["min_life_days"]
            ),
            fairness_percent=data["fairness_percent"],
            horizon_days=data["horizon_days"],
            date_days=data["date_days"],
            promises=data["promises"],
            full_runs=data["full_runs"] or RuleSet().full_runs,
            solver_seconds=RuleSet().solver_seconds if data["solver_seconds"] is None else data["solver_seconds"],
            sites=SiteRule(**said, preferences=tuple(preferences)),
        )
        return WriteRuleSet(data["site_id"], data["name"], rules, data["note"], rule_set_id)

    def said(self) -> list[Said]:
        """What each line of classes and quotas says in words, or what is wrong with it; contradictions come last."""
        codes = queries_rules.codes()
        classes, quotas = [], []
        found: list[Said] = []
        for line in self._lines("classes"):
            one, bad = read_classes(line, codes)
            classes += one
            found.append(_said(line, bad, told_class(one[0], codes) if one else ""))
        for line in self._lines("quotas"):
            quota, bad = read_quotas(line, codes)
            quotas += quota
            found.append(_said(line, bad, told_quota(quota[0], codes) if quota else ""))
        preferences = []
        for line in self._lines("preferences"):
            one_of, bad = read_preferences(line, codes)
            preferences += one_of
            found.append(_said(line, bad, told_preference(one_of[0], codes) if one_of else ""))
        if all(said.is_good for said in found):
            sites = SiteRule(preferences=tuple(preferences))
            rules = RuleSet(classes=tuple(classes), quotas=tuple(quotas), sites=sites)
            found += [Said("", fault.message, fault.fix, False) for fault in faults_of(rules)]
        return found

    def _lines(self, name: str) -> list[str]:
        return [line for line in str(self[name].value() or "").splitlines() if line.strip()]


def _said(line: str, bad: list[BadLine], words: str) -> Said:
    return Said(line.partition(":")[0].strip(), bad[0].message if bad else words, bad[0].fix if bad else "", not bad)


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the form as it was understood, or what is wrong and the way out."""

    name: str
    text: str
    fix: str
    is_good: bool


class ReplayForm(forms.Form):
    """From when to when rules are tried on history."""

    first_on = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Empty: a year back."
    )
    last_on = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Empty: until yesterday."
    )


class AskForm(forms.Form):
    """Why a draft was not tried, where it was not."""

    untried_because = forms.CharField(
        label="Why it was not tried", max_length=200, help_text="Who approves it reads this.", required=False
    )


class FileForm(forms.Form):
    """A rule set as a file."""

    site_id = forms.TypedChoiceField(label="Where", choices=_sites, coerce=int)
    file = forms.FileField(label="File", help_text="As “Save as file” on a version gives it: text, 60 kB at most.")
    name = forms.CharField(label="Name", max_length=80, required=False, help_text="Empty: as the file says.")
