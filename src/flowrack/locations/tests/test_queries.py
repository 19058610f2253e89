"""Reads of places, license plates and their numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from tests.zero_rows import ensure_zero_rows

from flowrack.locations import queries, steps
from flowrack.locations.models import Location, Lpn, Site, Zone
from flowrack.locations.types import VIRTUAL_PLACES, LpnRefused, UnknownLocation, UnknownSite
from flowrack.shared.check_digits import is_valid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


@pytest.fixture
def site() -> Site:
    return Site.objects.create(code="LDN", name="London", timezone="Europe/London")


@pytest.fixture
def zone(site: Site) -> Zone:
    return Zone.objects.create(site=site, code="R", name="Reserve", role="reserve")


def test_a_site_comes_with_its_virtual_places(site: Site) -> None:
    made = {
        (p.code, p.account, p.is_virtual, p.role, p.kind) for p in Location.objects.filter(site=site, zone__isnull=True)
    }
    assert made == {(v.code, v.account, v.is_virtual, v.role, "virtual") for v in VIRTUAL_PLACES}
    assert queries.virtual(site.pk, "SUPPLIER") == queries.virtuals(site.pk)["SUPPLIER"]
    with pytest.raises(UnknownSite):
        queries.virtual(site.pk, "NOWHERE")


def test_the_role_of_a_place_is_that_of_its_zone(site: Site, zone: Zone) -> None:
    place = Location.objects.create(site=site, zone=zone, code="A-01", role="reserve")
    with pytest.raises(IntegrityError), transaction.atomic():
        Location.objects.create(site=site, zone=zone, code="A-02", role="staged")
    Zone.objects.filter(pk=zone.pk).update(role="hold")
    place.refresh_from_db()
    assert place.role == "hold"


def test_codes_are_found_and_unknown_ones_refused_by_line(site: Site, zone: Zone) -> None:
    a1 = Location.objects.create(site=site, zone=zone, code="A-01", role="reserve")
    assert queries.by_code(site.pk, ["A-01", "a-01"])["a-01"].location_id == a1.pk
    with pytest.raises(UnknownLocation) as refused:
        queries.by_code(site.pk, ["A-01", "B-99", "SUPPLIER"])
    assert [line.line for line in refused.value.lines] == [2, 3]


def test_ssccs_are_valid_and_never_given_twice() -> None:
    codes = steps.new_ssccs(40) + steps.new_ssccs(2)
    assert len(set(codes)) == 42
    assert all(len(code) == 18 and is_valid(code) for code in codes)


def test_license_plates_are_made_once_and_refused_when_gone_or_wrong(site: Site) -> None:
    other = Site.objects.create(code="LEE", name="Leeds")
    first = steps.ensure_lpns(site.pk, ["P1", "", "P1", "P2"])
    assert first[1] == 0
    assert first[0] == first[2] != first[3]
    steps.ensure_lpns(other.pk, ["ELSEWHERE"])
    steps.close_lpns([first[3]], at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(LpnRefused) as refused:
        steps.ensure_lpns(site.pk, ["P1", "P2", "ELSEWHERE", "395200000000000011"])
    assert [line.line for line in refused.value.lines] == [2, 3, 4]
    assert Lpn.objects.get(pk=0).code == ""
    [(lpn_id, code)] = steps.new_lpns(site.pk, 1)
    assert queries.lpns_by_code([code])[code].lpn_id == lpn_id
