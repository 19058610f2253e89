"""The words of substitutes: what may be sent instead, what is accepted, and what label and return say of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.allocation import commands_substitutes as substitutes
from flowrack.allocation import queries_substitutes as offers
from flowrack.allocation.rules_substitutes import Offer, fill
from flowrack.allocation.types_substitutes import AcceptOffer, SeenPortion, SetConsent
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.fulfilment import queries_labels
from flowrack.integrations.scenario.events_orders import current
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.integrations.scenario.words_urgent import decide_on
from flowrack.platform import sql
from flowrack.returns.commands import receive_blind
from flowrack.returns.queries import desk
from flowrack.returns.types import BlindLine, ReceiveBlind
from flowrack.sales import queries_substitutes

EVERY_SITE = frozenset({0})


@given("customer")
def customer(house: House, value: Any) -> None:
    """Terms of the house's customers: `min_life_days` at delivery, `substitutes` (no, consent, yes)."""
    unknown = set(value) - {"min_life_days", "substitutes"}
    if unknown:
        raise BadScenario(f"customer: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
    house.noted["customer_terms"] = value


@given("substitutes")
def given_substitutes(house: House, value: Any) -> None:
    """What may be sent instead: rows of `of`, `send`, ratio, multiple, price_protected, consent, excluded (classes)."""
    known = {"of", "send", "ratio", "multiple", "price_protected", "consent", "excluded"}
    for row in value:
        unknown = set(row) - known
        if unknown:
            raise BadScenario(f"substitutes: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
        num, den = row.get("ratio", [1, 1])
        asked = SetSubstitute(
            house.item(row["of"]).sku,
            house.item(row["send"]).sku,
            int(num),
            int(den),
            needs_consent=bool(row.get("consent", False)),
            is_price_protected=bool(row.get("price_protected", False)),
            multiple=house.units(row.get("multiple", 1)),
            excluded_tiers=[str(tier) for tier in row.get("excluded", [])],
        )
        house.do(set_substitute, "data_steward", asked)


@event("consent", "of send tier takes")
def consent(house: House, happening: Event) -> None:
    """A customer (of a tier) says that he takes, or (`takes: false`) never takes, one product instead of another."""
    args = happening.args
    code, _ = house.party(f"CUSTOMER-{args.get('tier', 'C')}", tier=str(args.get("tier", "C")))
    takes = bool(args.get("takes", True))
    asked = SetConsent(code, house.item(args["of"]).sku, house.item(args["send"]).sku, takes, "scenario")
    house.do(substitutes.set_consent, "customer_service", asked)


def _proposed(house: House, placed_line: int) -> offers.Proposed:
    line = offers.short_line(placed_line, house.now.date())
    assert line is not None, "the order was entered"
    return offers.propose(line, house.now.date(), house.now)


def _told(house: House, offer: Offer, item: str) -> dict[str, Decimal]:
    names = {one.item_id: name for name, one in house.items.items()}
    told = {item: house.quantity(offer.original)}
    told |= {names[portion.edge.item_id]: house.quantity(portion.units) for portion in offer.portions}
    return {**told, "backorder": house.quantity(offer.backorder)}


@figure("offer_a", "offer_b")
def offer(house: House, name: str, expected: Any) -> None:
    """Offer A (unasked) or B (with consent) for the latest order: units by product, and the backorder; null = none."""
    placed = house.noted["order"]
    found = _proposed(house, placed.line_ids[0]).offers
    one = found.a if name == "offer_a" else found.b
    same(name, expected, None if one is None else _told(house, one, placed.item))


@figure("offer_rejects")
def offer_rejects(house: House, name: str, expected: Any) -> None:
    """Stock that is not offered for the latest order: [product, lot, units, words]."""
    found = _proposed(house, house.noted["order"].line_ids[0]).offers
    names = {one.sku: key for key, one in house.items.items()}
    got = [[names[r.sku], r.lot, house.quantity(r.units), r.why] for r in found.rejected]
    same(name, [[row[0], str(row[1]), Decimal(str(row[2])), row[3]] for row in expected], got)


@figure("offer_margin")
def offer_margin(house: House, name: str, expected: Any) -> None:
    """What offers for the latest order earn more than the ordered product would, by the offer's name."""
    found = _proposed(house, house.noted["order"].line_ids[0]).offers
    cent = Decimal("0.01")
    deltas = {key: one.margin_delta for key, one in (("A", found.a), ("B", found.b)) if one is not None}
    got = {key: delta.quantize(cent) for key, delta in deltas.items() if delta is not None}
    same(name, {key: Decimal(str(value)) for key, value in expected.items()}, got)


@figure("unit_fill")
def unit_fill(house: House, name: str, expected: Any) -> None:
    """Percent of the latest order's units that are filled: `original` alone, and with what offer A or B adds."""
    found = _proposed(house, house.noted["order"].line_ids[0])
    ordered = found.line.need.ordered
    alone, with_a = fill(ordered, found.offers.a.original, found.offers.a.replaced)
    got = {"original": alone, "A": with_a}
    if found.offers.b:
        got["B"] = fill(ordered, found.offers.b.original, found.offers.b.replaced)[1]
    same(name, expected, {key: got.get(str(key)) for key in expected})


@event("accept_offer", "order offer reason")
def accept_offer(house: House, happening: Event) -> None:
    """Somebody accepts offer A or B for the first line of an order, as it is now."""
    args, placed = happening.args, current(house, happening)
    found = _proposed(house, placed.line_ids[0]).offers
    one = found.a if args["offer"] == "A" else found.b
    seen = [SeenPortion(portion.edge.item_id, portion.units) for portion in one.portions] if one else []
    asked = AcceptOffer(placed.line_ids[0], str(args["offer"]), seen, str(args.get("reason", "")))
    done = house.do(substitutes.accept_offer, "customer_service", asked)
    house.noted["substitution"] = done


@event("decide_on_substitute", "verdict reason")
def decide_on_substitute(house: House, happening: Event) -> None:
    """A person (`by` a role; else the sales manager) agrees to what somebody wants to send instead, or does not."""
    decide_on(house, happening, house.noted["substitution"].approval)


@figure("order_lines")
def order_lines(house: House, name: str, expected: Any) -> None:
    """The lines of the latest order: [product, ordered, reserved or further, cancelled, instead of, price]."""
    names = {one.item_id: key for key, one in house.items.items()}
    rows = sql.fetch_all(
        """
        SELECT l.item_id, l.units, l.allocated_units + l.picked_units + l.shipped_units, l.cancelled_units, o.item_id,
               l.unit_price
        FROM sales_orderline l LEFT JOIN sales_substitution s ON s.line_id = l.id
        LEFT JOIN sales_orderline o ON o.id = s.original_id WHERE l.order_id = %s ORDER BY l.line_no
        """,
        (house.noted["order"].order_id,),
    )
    got = [
        [names[item], house.quantity(units), house.quantity(held), house.quantity(gone), names.get(of, ""),
         house.scenario_cost(price)]
        for item, units, held, gone, of, price in rows
    ]  # fmt: skip
    wanted = [[row[0], *(Decimal(str(n)) for n in row[1:4]), row[4] or "", Decimal(str(row[5]))] for row in expected]
    same(name, wanted, got)


@figure("fill_percent")
def fill_percent(house: House, name: str, expected: Any) -> None:
    """Percent of the latest order's units that are reserved or further: `original` alone, and with `substitutes`."""
    counts = queries_substitutes.fill_of_order(house.noted["order"].order_id)
    alone, both = fill(counts.wanted, counts.original, counts.replaced)
    same(name, expected, {"original": alone, "substitutes": both})


@figure("label_lines")
def label_lines(house: House, name: str, expected: Any) -> None:
    """What the carton labels of the latest order print: [product, whose GTIN, units, instead of]."""
    names = {one.sku: key for key, one in house.items.items()}
    query = (
        "SELECT p.gtin, i.sku FROM catalog_packlevel p JOIN catalog_item i ON i.id = p.item_id WHERE i.sku = ANY(%s)"
    )
    gtins = {gtin: names[sku] for gtin, sku in sql.fetch_all(query, (list(names),))}
    cartons = sql.fetch_all(
        "SELECT id FROM fulfilment_carton WHERE order_id = %s ORDER BY id", (house.noted["order"].order_id,)
    )
    got = [
        [names[one.sku], gtins.get(one.gtin, one.gtin), house.quantity(one.units), names.get(one.instead_of, "")]
        for (carton_id,) in cartons
        for one in queries_labels.label_lines([carton_id])[carton_id]
    ]
    same(name, [[row[0], row[1], Decimal(str(row[2])), row[3] or ""] for row in expected], got)


@event("send_back", "order product qty")
def send_back(house: House, happening: Event) -> None:
    """A customer sends units of one product of an order back; they wait in return review."""
    placed, site = current(house, happening), house.site()
    item = house.item(happening.args["product"])
    _, customer_id = house.party("CUSTOMER-C", tier="C")
    line_id = sql.fetch_value(
        "SELECT id FROM sales_orderline WHERE order_id = %s AND item_id = %s", (placed.order_id, item.item_id)
    )
    line = BlindLine(item.item_id, house.units(happening.args["qty"]), "A", order_line_id=line_id)
    asked = ReceiveBlind(site.site_id, customer_id, site.review_id, "changed_mind", [line])
    came = house.do(receive_blind, "returns_clerk", asked)
    house.noted.setdefault("sent_back", {})[item.name] = came.rma_id


@figure("return_refers")
def return_refers(house: House, name: str, expected: Any) -> None:
    """Which ordered product the return of a sent one names."""
    names = {one.sku: key for key, one in house.items.items()}
    told = {key: desk.rma_view(rma_id).lines[0].instead_of for key, rma_id in house.noted["sent_back"].items()}
    same(name, expected, {key: names.get(said.partition(",")[0], said) for key, said in told.items()})
