"""write_rate_card: a draft, piece by piece, with every bad line named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import CY, NED, PAM, bearer, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import CARD, FROM, GROUND, carrier, d, draft, in_force
from flowrack.carriers.types import BadRateCard, CardLaneOf, CardOf, CardRateOf, CardSurchargeOf, WriteRateCard
from flowrack.parties.types import UnknownParty
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def versions() -> list[tuple[object, ...]]:
    return sql.fetch_all("SELECT version, state FROM carriers_ratecard ORDER BY id")


def test_a_draft_keeps_all_that_was_written_and_is_written_anew():
    carrier()
    done = draft()
    assert (done.version, done.state) == (1, "draft")
    assert queries.card(done.card_id) == CARD
    again = commands.write_rate_card(ctx(NED), WriteRateCard("NORTH", CardOf(FROM, services=[GROUND])))
    assert again.card_id == done.card_id
    assert queries.card(done.card_id) == CardOf(FROM, services=[GROUND])
    assert queries.card_row(done.card_id).written_by == "Ned Clerk"


def test_a_card_in_force_stays_and_the_next_draft_is_the_next_version():
    carrier()
    first = in_force()
    second = draft(replace(CARD, name="later"))
    assert (second.version, versions()) == (2, [(1, "approved"), (2, "draft")])
    assert queries.card(first.card_id) == CARD


def test_every_bad_line_is_named_and_nothing_is_kept():
    carrier()
    bad = CardOf(
        FROM,
        services=[
            replace(GROUND, service="SEA", mode="ship", goes_on=[], step_g=0),
            replace(GROUND, rates=[CardRateOf("1", 5, d("1")), CardRateOf("1", 5, d("-1"))]),
            replace(GROUND, surcharges=[CardSurchargeOf("oversize", d("1"))]),
        ],
        lanes=[
            CardLaneOf("1", country="gb"),
            CardLaneOf("1", origin_site="NOWHERE", postcode_from="Z", postcode_to="A"),
        ],
    )
    with pytest.raises(BadRateCard) as refused:
        commands.write_rate_card(ctx(PAM), WriteRateCard("NORTH", bad))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "service"), (1, "mode"), (1, "step_g"), (1, "goes_on"),
        (2, "rates"), (2, "rates"),
        (3, "service"), (3, "surcharges"),
        (1, "country"), (2, "origin_site"), (2, "postcode_from"),
    ]  # fmt: skip
    with pytest.raises(UnknownParty):
        commands.write_rate_card(ctx(PAM), WriteRateCard("NOBODY", CARD))
    with pytest.raises(NotPermitted):
        commands.write_rate_card(ctx(CY), WriteRateCard("NORTH", CARD))
    assert versions() == []


def test_the_page_writes_a_draft_section_by_section(client):
    carrier()
    pam = signed_in(PAM)
    assert pam.post("/rate-cards/new", {"carrier": "NORTH", "valid_from": "2026-01-01"}).status_code == 303
    card_id = sql.fetch_value("SELECT id FROM carriers_ratecard")
    edit = f"/rate-cards/{card_id}/edit"
    services = {"grid-service": ["GROUND"], "grid-goes_on": ["Mo Tu We"], "grid-hazards": ["2.1 LQ, 3"]}
    assert pam.post(f"{edit}/services", services | {"grid-divisor": ["5,000"]}).status_code == 303
    bad = pam.post(f"{edit}/rates", {"grid-service": ["SEA", "GROUND"], "grid-upto_g": ["", "x"]}).content.decode()
    assert "The card has no service “SEA”." in bad and "“x” is no whole number." in bad
    rates = {"grid-service": ["GROUND"], "grid-zone": ["1"], "grid-upto_g": ["5000"], "grid-price": ["6,40"]}
    assert pam.post(f"{edit}/rates", rates).status_code == 303
    [kept] = queries.card(card_id).services
    assert (kept.divisor, kept.goes_on, kept.rates) == (5_000, [1, 2, 3], [CardRateOf("1", 5_000, d("6.40"))])
    assert [(h.hazard, h.limited_only) for h in kept.hazards] == [("2.1", True), ("3", False)]
    shown = pam.get(f"/rate-cards/{card_id}").content.decode()
    assert "6.40" in shown and "2.1 LQ" in shown and "Edit rates" in shown
    assert pam.get(f"{edit}/nothing").status_code == 404


def test_the_api_writes_and_reads_the_same_card(client):
    carrier()
    body = {
        "carrier": "NORTH",
        "card": {
            "valid_from": "2026-01-01",
            "services": [{"service": "GROUND", "rates": [{"zone": "1", "upto_g": 5000, "price": "6.40"}]}],
        },
    }
    put = client.put("/api/v1/rate-cards", body, content_type="application/json", headers=bearer(PAM))
    assert put.status_code == 200, put.content
    read = client.get(f"/api/v1/rate-cards/{put.json()['card_id']}", headers=bearer(CY)).json()
    assert (read["version"], read["state"], read["card"]["services"][0]["rates"][0]["upto_g"]) == (1, "draft", 5000)
    [row] = client.get("/api/v1/rate-cards", headers=bearer(CY)).json()["items"]
    assert (row["code"], row["in_force"]) == ("NORTH", False)
