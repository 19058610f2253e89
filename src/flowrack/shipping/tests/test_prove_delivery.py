"""prove_delivery: who took it, when and where; kept so that nobody can change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from tests import outbound
from tests.cast import CY, GUS, NOW, bearer, ctx

from flowrack.platform import photos, sql
from flowrack.platform.tests.test_photos import png
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands, queries_proofs, queries_timeline
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_proofs import BadProof, NotTaken, ProveDelivery

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def shipped(yard, who: str = "NORTH", *lines: tuple[str, int]):
    """(order, shipment, its line)."""
    order = yard.picked(who, *lines)
    req = ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,))])
    [left] = commands.ship_confirm(ctx(GUS), req).shipments
    return order, left.shipment_id, queries_proofs.sent_lines(left.shipment_id)[0].line_id


def proof(shipment_id: int, **more: object) -> ProveDelivery:
    digest = photos.save(png()).digest
    said = ProveDelivery(shipment_id, "delivered", "Nora North", LATER, digest, [digest], "Dock 3", 515_000_000, -1_000)
    return replace(said, **more)  # type: ignore[arg-type]


def test_a_delivery_is_proved_once_and_chained_to_the_proof_before(yard):
    order, first, _ = shipped(yard)
    _, second, _ = shipped(yard)
    one = commands.prove_delivery(ctx(GUS, "k", now=LATER), proof(first))
    assert one.keep_until == date(2033, 3, 3)
    assert commands.prove_delivery(ctx(GUS, "k", now=LATER), proof(first)) == one
    two = commands.prove_delivery(ctx(GUS, now=LATER), proof(second, latitude_e7=None, longitude_e7=None))
    rows = sql.fetch_all("SELECT chain_no, previous_sha256, sha256 FROM shipping_proof ORDER BY chain_no")
    assert rows == [(1, "", one.sha256), (2, one.sha256, two.sha256)]
    assert all(queries_proofs.is_whole(queries_proofs.proof_of(shipment)) for shipment in (first, second))
    assert sql.fetch_one("SELECT state, delivered_at FROM shipping_shipment WHERE id = %s", (first,)) == (
        "delivered",
        LATER,
    )
    assert ("Delivered", f"{one.number}, Nora North") in [
        (row.what, row.note) for row in queries_timeline.moments(order.order_id)
    ]
    with pytest.raises(WrongState):
        commands.prove_delivery(ctx(GUS, now=LATER), proof(first))


def test_what_is_kept_cannot_be_changed_and_a_forged_row_is_found(yard):
    _, shipment, _ = shipped(yard)
    commands.prove_delivery(ctx(GUS, now=LATER), proof(shipment))
    with pytest.raises(IntegrityError):
        sql.execute("UPDATE shipping_proof SET received_by = 'Somebody Else'")
    with pytest.raises(IntegrityError):
        sql.execute("DELETE FROM shipping_proofphoto")
    sql.execute("ALTER TABLE shipping_proof DISABLE TRIGGER shipping_append_only")
    sql.execute("UPDATE shipping_proof SET received_by = 'Somebody Else'")
    sql.execute("ALTER TABLE shipping_proof ENABLE TRIGGER shipping_append_only")
    assert not queries_proofs.is_whole(queries_proofs.proof_of(shipment))


def test_what_was_not_taken_is_told_line_by_line(yard):
    order, shipment, line = shipped(yard)
    taken = [NotTaken(line, 2, "damaged"), NotTaken(line, 1, "short")]
    commands.prove_delivery(ctx(GUS, now=LATER), proof(shipment, outcome="partial", not_taken=taken))
    found = queries_proofs.proof_of(shipment)
    assert (found.not_taken, found.damaged, found.is_in_time) == (3, 2, True)
    [event] = sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'shipping.delivery_proved'")
    assert event[0]["not_taken"] == [
        {"order_line_id": order.line_ids[0], "units": 2, "reason": "damaged"},
        {"order_line_id": order.line_ids[0], "units": 1, "reason": "short"},
    ]


def test_a_refused_delivery_needs_no_signature_and_all_of_it_comes_back(yard):
    _, shipment, line = shipped(yard)
    said = proof(shipment, outcome="refused", signature="", photos=[], note="closed for stock-taking")
    commands.prove_delivery(ctx(GUS, now=LATER), said)
    assert sql.fetch_value("SELECT state FROM shipping_shipment") == "refused"
    assert [(row.shipment_line_id, row.units) for row in queries_proofs.not_taken(1)] in ([(line, 10)], [])
    assert sql.fetch_one("SELECT shipment_line_id, units, reason FROM shipping_proofline") == (line, 10, "refused")


def test_goods_under_watch_are_proved_for_ten_years(yard):
    _, shipment, _ = shipped(yard, "NORTH", ("FUEL", 3))
    done = commands.prove_delivery(ctx(GUS, now=LATER), proof(shipment))
    assert (done.keep_until, sql.fetch_value("SELECT retention FROM shipping_proof")) == (
        date(2036, 3, 3),
        "regulated",
    )


def test_everything_that_does_not_hold_together_is_named_and_nothing_is_kept(yard):
    _, shipment, line = shipped(yard)
    before = (*trucks.books(), sql.fetch_value("SELECT count(*) FROM shipping_proof"))
    for said, fields in (
        (proof(shipment, outcome="lost", received_by=" "), ["outcome", "received_by"]),
        (proof(shipment, signature="", photos=[]), ["signature"]),
        (proof(shipment, happened_at=NOW - timedelta(hours=1)), ["happened_at"]),
        (proof(shipment, happened_at=LATER + timedelta(hours=1)), ["happened_at"]),
        (proof(shipment, longitude_e7=None), ["latitude_e7"]),
        (proof(shipment, latitude_e7=910_000_000), ["latitude_e7"]),
        (proof(shipment, outcome="partial"), ["not_taken"]),
        (proof(shipment, outcome="partial", not_taken=[NotTaken(line, 11, "short")]), ["units"]),
        (proof(shipment, outcome="partial", not_taken=[NotTaken(line, 10, "short")]), ["not_taken"]),
        (proof(shipment, outcome="partial", not_taken=[NotTaken(0, 1, "gone")]), ["reason", "shipment_line_id"]),
        (proof(shipment, not_taken=[NotTaken(line, 1, "short")]), ["not_taken"]),
        (proof(shipment, outcome="refused"), ["note"]),
    ):
        with pytest.raises(BadProof) as refused:
            commands.prove_delivery(ctx(GUS, now=LATER), said)
        assert [bad.field for bad in refused.value.lines] == fields
    with pytest.raises(photos.PhotoRefused):
        commands.prove_delivery(ctx(GUS, now=LATER), proof(shipment, photos=["0" * 64]))
    with pytest.raises(NotPermitted):
        commands.prove_delivery(ctx(CY, now=LATER), proof(shipment))
    assert (*trucks.books(), sql.fetch_value("SELECT count(*) FROM shipping_proof")) == before


def test_punctuality_counts_what_came_by_the_day_that_was_wanted(yard):
    _, early, _ = shipped(yard)
    _, late, _ = shipped(yard)
    _, back, _ = shipped(yard)
    wanted = date(2026, 3, 4)
    assert outbound.value("SELECT count(*) FROM sales_order WHERE requested_on = %s", wanted) == 3
    commands.prove_delivery(ctx(GUS, now=LATER), proof(early))
    after = NOW + timedelta(days=3)
    commands.prove_delivery(ctx(GUS, now=after), proof(late, happened_at=after))
    commands.prove_delivery(ctx(GUS, now=LATER), proof(back, outcome="refused", note="no order"))
    found = queries_proofs.punctuality(frozenset({yard.site}), date(2026, 3, 1), date(2026, 3, 31))
    assert (found.delivered, found.in_time, found.refused) == (3, 1, 1)
    assert queries_proofs.punctuality(frozenset({yard.site}), date(2026, 3, 5), date(2026, 3, 5)).delivered == 1
    assert queries_proofs.punctuality(frozenset({yard.site + 1}), date(2026, 3, 1), date(2026, 3, 31)).delivered == 0


def test_a_time_without_a_zone_is_no_time_of_a_delivery():
    body = {"outcome": "delivered", "received_by": "Eva", "happened_at": "2026-03-02T10:00:00"}
    answer = Client().post(
        "/api/v1/shipments/1/proof", body, "application/json", headers={**bearer(GUS), "Idempotency-Key": "naive"}
    )
    assert answer.status_code == 422 and "happened_at" in answer.content.decode()


def test_a_photo_that_was_sent_twice_is_kept_once_and_the_proof_stays_whole(yard):
    _, shipment, _ = shipped(yard)
    digest = photos.save(png()).digest
    done = commands.prove_delivery(ctx(GUS, now=LATER), proof(shipment, photos=[digest, digest]))
    assert queries_proofs.photos_of(done.proof_id) == [digest]
    assert queries_proofs.is_whole(queries_proofs.proof_of(shipment))
