"""Places and parties open on their pages and through the API."""

from __future__ import annotations

import pytest
from tests.cast import ADA, EVE, PAM, RAY, bearer, ctx, signed_in, user_id
from tests.zero_rows import ensure_zero_rows

from flowrack.locations import commands
from flowrack.locations.models import Location
from flowrack.locations.types import CreateSite, CreateZone, Role

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_warehouse_is_previewed_built_and_labelled_on_its_pages(client) -> None:
    ensure_zero_rows()
    site = commands.create_site(ctx(PAM), CreateSite("LDN", "London", "Europe/London", "GB"))
    zone = commands.create_zone(ctx(PAM), CreateZone(site.id, "R", "Reserve", Role.RESERVE))
    browser = signed_in(PAM)
    form = {
        "zone": zone.id, "aisles": "01-02", "bays": "01-03", "levels": "1", "slots": "", "first_sequence": "1",
        "code": "{aisle}-{bay}", "is_serpentine": "on", "kind": "bin", "temperature": "ambient",
    }  # fmt: skip
    preview = browser.post("/locations/build", {**form, "step": "preview"})
    assert (preview.status_code, preview.context["planned"], preview.context["new"]) == (200, 6, 6)
    assert not Location.objects.exclude(kind="virtual").exists()
    assert browser.post("/locations/build", {**form, "idempotency_key": "b"}).status_code == 303
    place = Location.objects.get(code="02-03")
    assert place.pick_sequence == 4
    urls = [f"/sites/{site.id}", f"/locations/{place.pk}", f"/locations/{place.pk}/change", f"/zones/{zone.id}/change"]
    urls += ["/sites", "/locations", "/suppliers", "/customers", "/carriers", "/owners", "/parties/1", "/parties/new"]
    urls += ["/parties/1/change", "/sites/new", "/locations/import", "/suppliers/import"]
    for url in urls:
        assert browser.get(url).status_code == 200, url
        assert signed_in(EVE).get(url).status_code == 403, url
    labels = browser.get(f"/zones/{zone.id}/labels")
    assert (labels.status_code, labels.content[:4]) == (200, b"%PDF")
    for url in (
        "/api/v1/sites",
        f"/api/v1/sites/{site.id}/locations",
        f"/api/v1/locations/{place.pk}",
        "/api/v1/parties",
    ):
        assert client.get(url, headers=bearer(RAY)).status_code == 200, url


def test_places_of_a_site_are_changed_only_by_who_may_there():
    ensure_zero_rows()
    ours = commands.create_site(ctx(PAM), CreateSite("LDN", "London", "Europe/London", "GB"))
    theirs = commands.create_site(ctx(PAM), CreateSite("YRK", "York", "Europe/London", "GB"))
    zones = [commands.create_zone(ctx(PAM), CreateZone(at.id, "R", "Reserve", Role.RESERVE)) for at in (ours, theirs)]
    user_id(ADA, site_id=ours.id)
    browser = signed_in(ADA)
    for site, zone, answer in ((ours, zones[0], 200), (theirs, zones[1], 403)):
        shown = browser.get(f"/sites/{site.id}").content.decode()
        assert shown.count(f'href="/sites/{site.id}/') == (2 if answer == 200 else 0)
        for url in (f"/sites/{site.id}/change", f"/sites/{site.id}/zones/new", f"/zones/{zone.id}/change"):
            assert browser.get(url).status_code == answer, url
