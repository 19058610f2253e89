"""The adapter of a carrier's own system against a real server: prices, refusals, and everything that goes wrong."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowrack.carriers.adapter import BookingAsked, NoAnswer, RateGiven, RatesAsked, TrackingGiven
from flowrack.carriers.adapter_http import Door, HttpAdapter
from flowrack.carriers.rules_live import Outcome
from flowrack.carriers.rules_rates import Destination, Hazard, Parcel
from flowrack.carriers.tests import carrier
from flowrack.carriers.types_live import AllowedHost

PARCEL = Parcel(2_500, (300, 200, 150), (Hazard("2.1", True),))
TO = Destination("GB", "LS1 4AP", "", True)
ASKED = RatesAsked("MAIN", "GB", TO, (PARCEL,), date(2026, 3, 2), ("AIR", "GROUND"))
BOOKED = BookingAsked(
    "SH-1001", "GROUND", "MAIN", "GB", TO, "ACME Ltd", ("1 Mill Lane", "Leeds"), (PARCEL,), ASKED.leaves_on
)


@pytest.fixture(scope="module")
def server() -> Iterator[carrier.System]:
    with carrier.running() as system:
        yield system


@pytest.fixture
def system(server: carrier.System) -> carrier.System:
    server.seen, server.drip_ms = [], 0
    return server


def door(system: carrier.System, **more: object) -> Door:
    hosts = [AllowedHost("127.0.0.1", system.port, is_inside=True)]
    return replace(Door(system.address, "A-77", "GBP", 10_000, 1, hosts, carrier.SECRET), **more)  # type: ignore[arg-type]


def no(system: carrier.System, **more: object) -> tuple[str, str]:
    """How the call ends without an answer."""
    with pytest.raises(NoAnswer) as refused:
        HttpAdapter(door(system, **more)).rates(ASKED)
    return refused.value.outcome, refused.value.words


def test_it_sends_the_goods_and_reads_the_prices(system):
    system.says({"rates": [{"service": "GROUND", "total": 7.045, "currency": "GBP", "days": 2},
                           {"service": "AIR", "total": "12.5", "currency": "GBP"},
                           {"service": "ROCKET", "total": "1", "currency": "GBP"}]})  # fmt: skip
    assert HttpAdapter(door(system)).rates(ASKED) == [
        RateGiven("AIR", Decimal("12.50"), None), RateGiven("GROUND", Decimal("7.05"), 2),
    ]  # fmt: skip
    [seen] = system.seen
    assert (seen.method, seen.path) == ("POST", "/v1/rates")
    assert seen.headers["authorization"] == f"Bearer {carrier.SECRET}"
    assert seen.body == {
        "account": "A-77", "currency": "GBP", "ships_on": "2026-03-02", "from": {"site": "MAIN", "country": "GB"},
        "to": {"country": "GB", "postcode": "LS1 4AP", "region": "", "is_residential": True},
        "parcels": [{"weight_g": 2500, "length_mm": 300, "width_mm": 200, "height_mm": 150, "hazards": ["2.1 LQ"],
                     "is_pallet": False}],
        "services": ["AIR", "GROUND"],
    }  # fmt: skip


def test_a_refusal_is_an_answer_and_is_not_tried_again(system):
    system.says({"message": f"No hazards to islands, {carrier.SECRET}"}, 422)
    assert no(system, tries=3) == (Outcome.REFUSED, "No hazards to islands, ***")
    assert len(system.seen) == 1


def test_an_error_is_tried_again_and_then_given_up(system):
    answers = iter([(500, b"oops"), (503, b""), (200, b'{"rates": []}')])
    system.answer = lambda seen: next(answers)
    assert HttpAdapter(door(system, tries=3)).rates(ASKED) == []
    system.says(b"oops", 500)
    assert no(system, tries=2) == (Outcome.ERROR, "its system had an error (HTTP 500)")
    assert len(system.seen) == 5
    system.says(b"", 401)
    calls = len(system.seen)
    assert no(system, tries=3) == (Outcome.ERROR, "its system does not take our secret (HTTP 401)")
    assert len(system.seen) == calls + 1


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no object"),
        (b"{}", "no rates"),
        (b'{"rates": [7]}', "a rate that is none"),
        (b'{"rates": [{"service": "AIR", "total": "7", "currency": "USD"}]}', "a price that is not in GBP"),
        (b'{"rates": [{"service": "AIR", "total": NaN, "currency": "GBP"}]}', "a price that cannot be"),
        (b'{"rates": [{"service": "AIR", "total": -1, "currency": "GBP"}]}', "a price that cannot be"),
        (b'{"rates": [{"service": "AIR", "total": "1e9", "currency": "GBP"}]}', "a price that cannot be"),
        (b'{"rates": [{"service": "AIR", "total": "x", "currency": "GBP"}]}', "a price that is no amount"),
        (
            b'{"rates": [{"service": "AIR", "total": 1, "currency": "GBP", "days": "2"}]}',
            "days on the way that are none",
        ),
        (b'{"rates": [{"service": 7, "total": 1, "currency": "GBP"}]}', "no service"),
        (b'{"rates": "' + b"x" * 2_000_001 + b'"}', "more than can be taken"),
    ],
    ids=lambda one: one if isinstance(one, str) else len(one),
)
def test_garbage_is_no_price(system, body, what):
    system.says(body)
    assert no(system) == (Outcome.GARBAGE, f"its system answered {what}")


def test_no_redirect_is_followed(system):
    system.says(b"{}", 302)
    assert no(system) == (Outcome.GARBAGE, "its system answered a way to elsewhere (HTTP 302)")


def test_who_is_slow_or_answers_drop_by_drop_is_cut_off_at_the_deadline(system):
    system.prices(AIR="1", GROUND="2")
    system.drip_ms = 500  # all of it would take eight seconds
    began = time.monotonic()
    assert no(system, timeout_ms=250) == (Outcome.TIMEOUT, "its system did not answer within 250 ms")
    assert time.monotonic() - began < 4


def test_who_is_not_there_could_not_be_reached(system):
    gone = door(system, address="http://127.0.0.1:9/v1", hosts=[AllowedHost("127.0.0.1", 9, is_inside=True)])
    with pytest.raises(NoAnswer) as refused:
        HttpAdapter(gone).rates(ASKED)
    assert refused.value.outcome == Outcome.UNREACHABLE


def test_only_allowed_hosts_are_called_and_inside_addresses_only_where_that_is_said(system):
    assert no(system, hosts=[]) == (Outcome.BLOCKED, "the administrator has not allowed its host")
    other_port = [AllowedHost("127.0.0.1", system.port + 1, is_inside=True)]
    assert no(system, hosts=other_port)[0] == Outcome.BLOCKED
    outside = [AllowedHost("127.0.0.1", system.port)]
    assert no(system, hosts=outside) == (Outcome.BLOCKED, "the administrator has not allowed its host")
    https = {"address": f"https://localhost:{system.port}", "hosts": [AllowedHost("localhost", system.port)]}
    assert no(system, **https) == (Outcome.BLOCKED, "its name stands for an address that must not be called")
    assert no(system, secret="") == (Outcome.NO_SECRET, "the variable with its secret is not set here")
    assert system.seen == []
    assert carrier.SECRET not in repr(door(system))


def test_a_booking_brings_its_label_and_is_asked_for_by_our_reference(system):
    label = base64.b64encode(b"%PDF-1.7").decode()
    system.says({"booking": "B1", "tracking": "T1", "total": "7.04", "currency": "GBP", "label": label,
                 "label_type": "application/pdf"}, 201)  # fmt: skip
    given = HttpAdapter(door(system)).book(BOOKED)
    assert (given.booking, given.tracking, given.total, given.label) == ("B1", "T1", Decimal("7.04"), b"%PDF-1.7")
    assert (system.seen[0].headers["idempotency-key"], system.seen[0].body["to"]["name"]) == ("SH-1001", "ACME Ltd")
    system.says({"booking": "B1", "tracking": "T1", "label": "%%%", "label_type": "application/pdf"}, 201)
    with pytest.raises(NoAnswer, match="a label that cannot be decoded"):
        HttpAdapter(door(system)).book(BOOKED)


def test_a_booking_is_called_off_once_and_goods_are_followed(system):
    system.says(b"", 204)
    HttpAdapter(door(system)).cancel("B/1")
    assert (system.seen[0].method, system.seen[0].path) == ("DELETE", "/v1/bookings/B%2F1")
    system.says({"message": "unknown"}, 404)
    HttpAdapter(door(system)).cancel("B1")
    system.says({"message": "on the van already"}, 409)
    with pytest.raises(NoAnswer, match="on the van already"):
        HttpAdapter(door(system)).cancel("B1")
    system.says({"state": "delivered", "at": "2026-03-03T10:30:00Z", "place": "Leeds", "signed_by": "J. Day"})
    at = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
    assert HttpAdapter(door(system)).track("T1") == TrackingGiven("delivered", at, "Leeds", "J. Day")
    system.says({"state": "eaten"})
    with pytest.raises(NoAnswer, match="a state that is not known"):
        HttpAdapter(door(system)).track("T1")
