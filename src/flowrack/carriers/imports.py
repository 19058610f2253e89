"""What carriers import: rates and places into the draft of a carrier's rate card."""

from __future__ import annotations

from flowrack.carriers.steps import WRITTEN
from flowrack.platform import sql
from flowrack.platform.importing import cells
from flowrack.platform.importing.definition import STAGE, Column, Definition, Lookup, Mapped, Rule, Target
from flowrack.platform.importing.report import Problems

# The draft is found through its carrier, so that a file need not know our ids.
DRAFT = Lookup(
    "carrier",
    "(SELECT c.id, p.code FROM carriers_ratecard c JOIN parties_party p ON p.id = c.carrier_id"
    " WHERE c.state = 'draft')",
    "code",
    "card_id",
    "carrier with a draft of a rate card",
)


AMOUNT = cells.quantity(places=4, least=0)


def check_breaks(problems: Problems, mapped: Mapped) -> None:
    """A break begins below its end, and its zone has places, once the draft says places at all. Two statements."""
    if mapped.has("over_g"):
        rows = sql.fetch_all(f"SELECT row, over_g FROM {STAGE} WHERE over_g >= upto_g ORDER BY row")  # noqa: S608
        for row, over_g in rows:
            said = "The weight above which kg are charged is not below the end of the break."
            problems.add(
                row, mapped.label("over_g"), f"{over_g:,}", said, "Use less than the weight up to which it goes."
            )
    rows = sql.fetch_all(
        f"""
        SELECT s.row, s.zone, (SELECT string_agg(DISTINCT l.zone, ', ' ORDER BY l.zone) FROM carriers_cardlane l
                               WHERE l.card_id = s.card_id)
        FROM {STAGE} s
        WHERE EXISTS (SELECT FROM carriers_cardlane l WHERE l.card_id = s.card_id)
          AND NOT EXISTS (SELECT FROM carriers_cardlane l WHERE l.card_id = s.card_id AND l.zone = s.zone)
        ORDER BY s.row
        """  # noqa: S608
    )
    for row, zone, known in rows:
        fix = f"Correct it, or add its places first. The draft has: {known}."
        same = "A zone to which no place of the draft belongs."
        problems.add(
            row, mapped.label("zone"), zone, f"No place of the draft belongs to zone “{zone}”.", fix, same=same
        )


RATES = Definition(
    kind="rate-card-rates",
    title="Rates",
    permission="carriers.rates",
    key=("carrier", "service", "zone", "upto_g"),
    columns=[
        Column("carrier", "Carrier", cells.code(40), required=True, aliases=("carrier code",), example="NORTHLINE"),
        Column("service", "Service", cells.code(40), required=True, aliases=("service code",), example="PARCEL"),
        Column("zone", "Zone", cells.code(20), required=True, example="1"),
        Column(
            "upto_g", "Up to g", cells.number(least=1), "bigint", required=True,
            aliases=("up to", "weight", "weight g", "max g"), help="Billable weight, in g.", example="5000",
        ),
        Column(
            "price", "Price", AMOUNT, "numeric", required=True, default="0", aliases=("rate", "amount")
        ),
        Column("per_kg", "Per kg", AMOUNT, "numeric", default="0", aliases=("price per kg",)),
        Column("over_g", "Above g", cells.number(least=0), "bigint", default="0", aliases=("over g", "kg above")),
    ],
    lookups=[
        DRAFT,
        Lookup(
            "service", "carriers_cardservice", "code", "card_service_id", "service in the draft",
            where="t.card_id = s.card_id",
        ),
    ],
    targets=[
        Target(
            table="carriers_cardrate",
            key={"card_service_id": "s.card_service_id", "zone": "s.zone", "upto_g": "s.upto_g"},
            columns={"price": "price", "per_kg": "per_kg", "over_g": "over_g"},
        )
    ],
    rules=[
        Rule("e.price < 0 OR e.per_kg < 0", "price", "An amount below nothing.", "Use 0 or more."),
    ],
    checks=[check_breaks],
    finish=[WRITTEN],
    help="Write the services of the draft first; a file then adds or changes its weight breaks.",
)  # fmt: skip


def check_postcodes(problems: Problems, mapped: Mapped) -> None:
    """The first postcode of a row must not be behind its last. One statement."""
    if not (mapped.has("postcode_from") and mapped.has("postcode_to")):
        return
    rows = sql.fetch_all(
        f"SELECT row, postcode_from FROM {STAGE} WHERE postcode_from > postcode_to ORDER BY row"  # noqa: S608
    )
    for row, found in rows:
        label = mapped.label("postcode_from")
        problems.add(row, label, found, "The first postcode is behind the last.", "Swap them.")


LANES = Definition(
    kind="rate-card-places",
    title="Places of zones",
    permission="carriers.rates",
    key=("carrier", "country", "region", "postcode_from", "postcode_to"),
    columns=[
        Column("carrier", "Carrier", cells.code(40), required=True, aliases=("carrier code",), example="NORTHLINE"),
        Column("country", "Country", cells.country, required=True, example="GB"),
        Column("region", "Region", cells.text(120), aliases=("state", "county")),
        Column("postcode_from", "Postcode from", cells.code(20), aliases=("from", "postcode"), example="IV"),
        Column("postcode_to", "Postcode to", cells.code(20), aliases=("to",), example="KW"),
        Column("zone", "Zone", cells.code(20), required=True, example="2"),
    ],
    lookups=[DRAFT],
    targets=[
        Target(
            table="carriers_cardlane",
            key={
                "card_id": "s.card_id",
                "country": "s.country",
                "region": "coalesce(s.region, '')",
                "postcode_from": "coalesce(s.postcode_from, '')",
                "postcode_to": "coalesce(s.postcode_to, '')",
                "origin_country": "''::text",
            },
            columns={"zone": "zone"},
        )
    ],
    checks=[check_postcodes],
    finish=[WRITTEN],
    help="Postcodes are compared by their beginnings. Lanes from one site alone are written on the page of the draft.",
)  # fmt: skip
ALL = (RATES, LANES)
