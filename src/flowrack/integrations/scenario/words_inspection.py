"""The words of inspection: plans, samples, lots that are sorted, and what suppliers are held to account for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flowrack.analytics.queries import suppliers
from flowrack.inspection import queries as inspection
from flowrack.inspection.commands import decide, record_results, set_plan, start_inspection
from flowrack.inspection.types import CheckResult, Decide, RecordResults, SetPlan, StartInspection, Verdict
from flowrack.integrations.scenario.figures import ids, same, same_money
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.platform import sql


@given("inspection_plan")
def inspection_plan(house: House, value: Any) -> None:
    """Goods are inspected by sample before they may be sold: level, aql, and after how many bad lots it tightens."""
    unknown = set(value) - {"level", "aql", "tighten_after"}
    if unknown:
        raise BadScenario(f"inspection_plan: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
    plan = SetPlan(
        item_id=house.item().item_id,
        level=str(value.get("level", "II")),
        aql=Decimal(str(value.get("aql", "1.0"))),
        tighten_after=int(value.get("tighten_after", 2)),
        valid_from=house.now.date(),
    )
    house.do(set_plan, "qc_inspector", plan)


def _waiting(house: House) -> inspection.InspectionRow:
    found = inspection.find_waiting(house.site().site_id, item_ids=ids(house))
    if not found:
        raise BadScenario("Nothing waits for inspection.", fix="Set an inspection_plan and receive goods.")
    return found[0]


@event("sample", "defective release")
def sample(house: House, happening: Event) -> None:
    """The sample of the lot that waits is tested; so many of it are defective. `release` lets a good lot go."""
    about = _waiting(house)
    started = house.do(start_inspection, "qc_inspector", StartInspection(about.id))
    bad = int(happening.args.get("defective", 0))
    found = [CheckResult(defective_units=bad)] if bad else []
    done = house.do(record_results, "qc_inspector", RecordResults(about.id, started.sample_units, found))
    house.noted["sample"] = ([started.sample_units, started.accept, started.reject], done.outlook)
    if happening.args.get("release"):
        house.do(decide, "qc_inspector", Decide(about.id, Verdict.RELEASE))


@figure("sample")
def sample_figures(house: House, name: str, expected: Any) -> None:
    """Of the last sample: units, acceptance number, rejection number."""
    same(name, expected, [Decimal(n) for n in house.noted["sample"][0]])


@figure("sample_outlook")
def sample_outlook(house: House, name: str, expected: Any) -> None:
    """Whether the last sample passes or fails its lot."""
    same(name, expected, house.noted["sample"][1])


@event("sort_lot", "defective reason")
def sort_lot(house: House, happening: Event) -> None:
    """Every unit of the lot whose sample was tested is looked at; the defective ones are set aside as damaged."""
    about = _waiting(house)
    bad = house.units(happening.args["defective"])
    house.do(decide, "qc_inspector", Decide(about.id, Verdict.SORT, reason="every unit"))
    results = RecordResults(about.id, about.lot_units, [CheckResult(defective_units=bad)])
    house.do(record_results, "qc_inspector", results)
    reason = str(happening.args.get("reason", "defective"))
    split = Decide(about.id, Verdict.SPLIT, about.lot_units - bad, 0, bad, reason=reason)
    house.do(decide, "qc_inspector", split)


@figure("severity")
def severity(house: House, name: str, expected: Any) -> None:
    """How strictly the supplier's next lot of the item is sampled: normal, tightened, reduced, discontinued."""
    found = inspection.severity_of(house.party("SUPPLIER")[1], house.item().item_id)
    same(name, expected, found.severity if found else "normal")


@figure("value_of")
def value_of(house: House, name: str, expected: Any) -> None:
    """What stock is worth, by its quality: available, inspection, damaged, hold, ..."""
    for quality, wanted in expected.items():
        query = """
            SELECT coalesce(sum(c.on_hand * b.value / nullif(b.units, 0)), 0) FROM ledger_cell c
            JOIN ledger_book b ON b.item_id = c.item_id AND b.site_id = c.site_id AND b.account = 'inventory'
            WHERE c.item_id = ANY(%s::bigint[]) AND c.quality = %s AND NOT c.is_virtual
        """
        same_money(f"{name} {quality}", wanted, sql.fetch_value(query, (ids(house), str(quality))))


@figure("supplier_ppm")
def supplier_ppm(house: House, name: str, expected: Any) -> None:
    """Faulty units of the supplier in a million that came; what the carrier broke is not the supplier's."""
    day, month = house.now.date(), timedelta(days=31)
    asked = suppliers.Asked(day - month, day + month, day, supplier_id=house.party("SUPPLIER")[1])
    [card] = suppliers.scorecards(asked)
    same(name, expected, card.defect_ppm)
