"""The closing report of a replay: the measures of the house, what was done, and how fast."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flowrack.analytics.queries import kpis
from flowrack.analytics.queries.floor import floor_figures
from flowrack.analytics.queries.kpi import ALL
from flowrack.analytics.rules_floor import FloorAsked, Picked
from flowrack.analytics.types import Kpi
from flowrack.integrations.replay import reads, reads_floor, reads_service
from flowrack.integrations.replay.house import moment
from flowrack.integrations.replay.reads_service import TierService
from flowrack.integrations.replay.run import Done


def measures(done: Done) -> list[Kpi]:
    """The measures of the house from the first day of the history to the last one played, all sites together."""
    sites = [site.site_id for site in done.house.sites]
    return kpis(sites[0] if len(sites) == 1 else ALL, done.house.world.first_on, done.last_on, with_cost=True)


def closing_report(done: Done) -> dict[str, Any]:
    """Figures by name, as JSON has them."""
    tally = done.tally
    sites = [site.site_id for site in done.house.sites]
    return {
        "run": done.run_code,
        "books": reads.books_hash(sites),
        "from": str(done.house.world.first_on),
        "to": str(done.last_on),
        "days": done.days,
        "seconds": done.seconds,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "moves": reads.moves(sites),
        "verify_findings": done.findings,
        "kpis": {kpi.key: _parts(kpi) for kpi in measures(done)},
        "tiers": {one.tier: _tier(one) for one in reads_service.by_tier(sites, done.last_on)},
        "orders": tally.orders,
        "order_lines": tally.order_lines,
        "lines_held": tally.held_lines,
        "slips_cancelled": tally.slips,
        "slips": [asdict(slip) for slip in reads_service.slips(sites)],
        "orders_ahead": tally.orders_ahead,
        "units_substituted": tally.substituted_units,
        "receipts": tally.receipts,
        "receipt_lines": tally.receipt_lines,
        "orders_sent": tally.shipped_orders,
        "units_returned": tally.returned_units,
        "units_cancelled_unsent": tally.unreturnable_units,
        "units_lost": tally.lost_units,
        "units_not_there_to_lose": tally.unlosable_units,
        "bins_counted": tally.counted_bins,
        "lists_late": tally.lists_late,
        **_floor(done),
        "ms": dict(sorted(tally.ms.items(), key=lambda x: -x[1])),
    }


def _tier(one: TierService) -> dict[str, Any]:
    """What a tier got, in percent with one decimal as text, and the figures that it comes from."""
    return {
        "lines_kept": str(percent_of(one.kept, one.lines)),
        "units_in_time": str(percent_of(one.in_time, one.units)),
        "units_sent": str(percent_of(one.sent, one.units)),
        **asdict(one),
    }


def _floor(done: Done) -> dict[str, Any]:
    """How the floor worked, all sites together: by method, and what became of picks, cartons and shipments."""
    first, last = done.house.world.first_on, done.last_on
    site_ids = [site.site_id for site in done.house.sites]
    found = floor_figures(FloorAsked(first, last, moment(last, 23, 59)))
    shares = {
        "short_picks": found.short,
        "cartons_as_planned": found.as_planned,
        "shipments_by_their_day": found.punctual,
    }
    return {
        "methods": {f"{one.method}, {one.unit_kind}": _method(one) for one in found.methods},
        "cartons": found.cartons,
        "carton_fill_permille": found.filled_permille,
        "freight": str(found.freight),
        "freight_and_cartons_a_line": None if found.cost_a_line is None else str(found.cost_a_line),
        "services": [asdict(one) for one in reads_floor.services(site_ids, last)],
        **{name: f"{one.percent} %: {one.numerator} / {one.denominator}" for name, one in shares.items()},
    }


def _method(one: Picked) -> dict[str, Any]:
    """What was picked by a method; lines an hour as text, exactly."""
    return {**asdict(one), "week": None, "lines_an_hour": str(one.lines_an_hour)}


def percent_of(part: int, whole: int) -> Decimal:
    """A share in percent, with one decimal; 0 of nothing is 100."""
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else Decimal(100)


def _parts(kpi: Kpi) -> dict[str, Any]:
    """A measure with both parts, so that it can be checked; money and shares as text, exactly."""
    return {
        "label": kpi.label,
        "value": None if kpi.value is None else str(kpi.value),
        "unit": kpi.unit,
        "numerator": str(kpi.numerator),
        "denominator": str(kpi.denominator),
        "formula": kpi.formula,
    }


def as_text(report: Mapping[str, Any]) -> str:
    """The report for people: a line for each figure, measures with what they were made of."""
    lines = []
    for name, value in report.items():
        if name == "kpis":
            lines += [_sentence(kpi) for kpi in value.values()]
        elif name == "tiers":
            lines += [_tier_sentence(one) for one in value.values()]
        elif name == "methods":
            lines += [_method_sentence(label, one) for label, one in value.items()]
        elif name == "services":
            lines += [_service_sentence(one) for one in value]
        elif name == "slips":
            lines += [
                f"  {s['reference']}: {s['customer']} {s['units']:,} of {s['sku']}. {s['sentence']}" for s in value
            ]
        elif name == "ms":
            lines += [f"{f'ms {step}':<32}{ms:,}" for step, ms in value.items()]
        else:
            lines.append(f"{name:<32}{f'{value:,}' if isinstance(value, int) else value}")
    return "\n".join(lines)


def _tier_sentence(one: Mapping[str, Any]) -> str:
    label = f"Tier {one['tier']}"
    return (
        f"{label:<32}promises kept {one['lines_kept']} %: {one['kept']:,} / {one['lines']:,} lines; units in time "
        f"{one['units_in_time']} %, ever {one['units_sent']} %: {one['sent']:,} / {one['units']:,}"
    )


def _method_sentence(label: str, one: Mapping[str, Any]) -> str:
    return (
        f"{f'Picked: {label}':<32}{one['lines']:,} lines in {one['lists']:,} lists, {one['lines_an_hour']} an hour, "
        f"{one['walk_mm'] // 1_000:,} m walked, {one['plain_mm'] // 1_000:,} m in the order of the bins"
    )


def _service_sentence(one: Mapping[str, Any]) -> str:
    label = f"Sent by {one['service']}"
    return f"{label:<32}{one['orders']:,} orders, freight {one['freight']}, {one['late']:,} chosen to come late"


def _sentence(kpi: Mapping[str, Any]) -> str:
    if kpi["value"] is None:
        return f"{kpi['label']:<32}nothing to measure"
    told = f"{kpi['label']:<32}{kpi['value']} {kpi['unit']}"
    if kpi["unit"] in ("h", "min"):
        return f"{told:<44}{kpi['formula']}; {int(kpi['denominator']):,} measured"
    return f"{told:<44}{kpi['formula']}: {kpi['numerator']} / {kpi['denominator']}"
