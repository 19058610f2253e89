"""Which template takes an order: the first, in their order, whose conditions it meets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flowrack.waves.types import WEEK, HazardSplit, Mode

COLDEST_FIRST = ("frozen", "chilled", "ambient")
ANY_HAZARD, NO_HAZARD = "any", "none"


@dataclass(frozen=True, slots=True)
class Template:
    """A wave template. Empty conditions take every order, 0 is no limit."""

    template_id: int
    name: str
    services: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    temperatures: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()
    label_needs: frozenset[str] = frozenset()
    order_types: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    min_lines: int = 0
    max_lines: int = 0
    min_units: int = 0
    max_units: int = 0
    split_temperature: bool = False
    split_hazard: str = HazardSplit.INCOMPATIBLE
    split_labels: bool = False
    limit_lines: int = 0
    limit_orders: int = 0
    limit_volume_ml: int = 0
    limit_weight_g: int = 0
    mode: str = Mode.CUT_OFF
    wip_lines: int = 0
    is_automatic: bool = False
    staging_minutes: int = 20
    loading_minutes: int = 15
    method: str = ""
    weekdays: frozenset[int] = field(default_factory=lambda: frozenset(WEEK))

    @property
    def dock_minutes(self) -> int:
        """Between the last pick and the cut-off."""
        return self.staging_minutes + self.loading_minutes


STANDARD = Template(0, "All other orders")


class Traits(NamedTuple):
    """What templates look at in an order."""

    service_id: int
    service: str
    region: str
    zones: frozenset[str]
    temperatures: frozenset[str]
    hazards: frozenset[str]
    label_needs: frozenset[str]
    order_type: str
    channel: str
    tier: str
    lines: int
    units: int
    weekday: int


class Judged(NamedTuple):
    """A template that was looked at, and why it does not take the order; empty = it does."""

    template: Template
    why_not: str


def judge(template: Template, of: Traits) -> str:
    """Why a template does not take an order; empty when it does. The first condition that fails is told."""
    checks = (
        (of.weekday not in template.weekdays, "it does not run on that weekday"),
        (bool(template.services) and of.service_id not in template.services, f"it is not for {of.service or 'it'}"),
        (bool(template.regions) and of.region not in template.regions, f"not for region {of.region or 'unknown'}"),
        _within("zone", of.zones, template.zones),
        _within("temperature", of.temperatures, template.temperatures),
        (_hazard_misses(template.hazards, of.hazards), f"not for dangerous goods: {_list(of.hazards) or 'none'}"),
        (
            bool(template.label_needs) and not (template.label_needs & of.label_needs),
            f"its customer needs no label of {_list(template.label_needs)}",
        ),
        (bool(template.order_types) and of.order_type not in template.order_types, _not_for("type", of.order_type)),
        (bool(template.channels) and of.channel not in template.channels, _not_for("channel", of.channel)),
        (bool(template.tiers) and of.tier not in template.tiers, f"not for tier {of.tier}"),
        (of.lines < template.min_lines, f"{of.lines} lines, it begins at {template.min_lines}"),
        (0 < template.max_lines < of.lines, f"{of.lines} lines, it ends at {template.max_lines}"),
        (of.units < template.min_units, f"{of.units:,} units, it begins at {template.min_units:,}"),
        (0 < template.max_units < of.units, f"{of.units:,} units, it ends at {template.max_units:,}"),
    )
    return next((why for fails, why in checks if fails), "")


def _not_for(what: str, value: str) -> str:
    return f"not for {what} {value or 'unknown'}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _within(what: str, found: frozenset[str], allowed: frozenset[str]) -> tuple[bool, str]:
    others = found - allowed
    return bool(allowed and others), f"not for {what} {_list(others)}"


def _hazard_misses(wanted: frozenset[str], found: frozenset[str]) -> bool:
    """Conditions name classes ("3", or a division "2.1"), `any` dangerous goods, or `none` for orders without."""
    if not wanted:
        return False
    if not found:
        return NO_HAZARD not in wanted
    if ANY_HAZARD in wanted:
        return False
    return not any(one in wanted or one.split(".")[0] in wanted for one in found)


def first_match(templates: Sequence[Template], of: Traits) -> tuple[Template, list[Judged]]:
    """The template that takes an order, with all that were looked at before it; the standard takes what none does."""
    looked: list[Judged] = []
    for template in templates:
        why_not = judge(template, of)
        looked.append(Judged(template, why_not))
        if not why_not:
            return template, looked
    looked.append(Judged(STANDARD, ""))
    return STANDARD, looked


def coldest(temperatures: Iterable[str]) -> str:
    """The temperature that goods of several must be kept at."""
    found = set(temperatures)
    return next((one for one in COLDEST_FIRST if one in found), "ambient")
