"""Scanning: lists are picked (scan_list, scan_pick), batches sorted (scan_sort), totes packed (scan_pack)."""

from __future__ import annotations

from django.urls import path

from flowrack.fulfilment import queries_lists
from flowrack.fulfilment.scan_journal import OFFLINE_URLS
from flowrack.fulfilment.scan_pack import DESK, PACK
from flowrack.fulfilment.scan_pack_open import opens_pack
from flowrack.fulfilment.scan_parts import sites_with
from flowrack.fulfilment.scan_pick import PICK, opens_list
from flowrack.fulfilment.scan_putback import PUT_BACK, waiting_for
from flowrack.fulfilment.scan_sort import SORT, opens_sort
from flowrack.platform.web.scan import ScanFlow
from flowrack.platform.web.viewer import Viewer


def _lists_waiting(viewer: Viewer) -> int:
    return queries_lists.waiting_at(sites_with(viewer, "fulfilment.pick"))


SCAN_FLOWS = [
    ScanFlow("pick", "Pick", "scan_pick", "fulfilment.pick", order=30, note="Lists", count=_lists_waiting,
             opens=opens_list, starts=("pick list", "wave")),
    ScanFlow("sort", "Sort", "scan_sort", "fulfilment.pack", order=35, note="Batches into orders", opens=opens_sort),
    ScanFlow("put_back", "Put back", "scan_put_back", "fulfilment.pick", order=55, note="Picked, not wanted",
             count=waiting_for),
    ScanFlow("pack", "Pack", "scan_pack", "fulfilment.pack", order=40, note="Totes into cartons", opens=opens_pack,
             starts=("order", "tote")),
]  # fmt: skip
urlpatterns = [
    path("scan/pick", PICK.view, name="scan_pick"),
    path("scan/sort", SORT.view, name="scan_sort"),
    path("scan/put-back", PUT_BACK.view, name="scan_put_back"),
    path("scan/pack", PACK.view, name="scan_pack"),
    path("pack-station", DESK.view, name="pack_station"),
    *OFFLINE_URLS,
]
