"""The app's shell: what a device keeps to start without the house, and how much that is."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
import zxingcpp
from django.contrib.staticfiles import finders
from tests.cast import CY, EVE, signed_in

from flowrack.devices import scan_setup
from flowrack.devices.drawing import BRACKETED, COMMANDS, DIGITS, TEST_CODES, drawn

FIRST_LOAD_BYTES = 150_000


def _file(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()


def test_the_first_load_stays_under_150_kb_compressed(client):
    addresses = ["/scan/offline", "/scan/worker.js", *(f"/static/{name}" for name in scan_setup.FILES)]
    sent = {}
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert int(answer.headers["Content-Length"]) == len(body)
        sent[address] = len(body)
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert address.startswith("/scan/") or body == _file(address.removeprefix("/static/"))
    assert sum(sent.values()) < FIRST_LOAD_BYTES, sent
    assert all(
        sent[f"/static/{name}"] < len(_file(name)) for name in scan_setup.FILES if name.endswith((".js", ".css"))
    )


def test_who_takes_nothing_compressed_gets_the_file_itself(client):
    answer = client.get("/static/js/offline.js")
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert b"".join(answer.streaming_content) == _file("js/offline.js")


def test_the_worker_keeps_every_module_that_the_shell_needs(client):
    """A module that is imported and not kept would stop the app in the steel."""
    kept = {name for name in scan_setup.FILES if name.startswith("js/")}
    wanted, seen = {"js/offline.js"}, set()
    while wanted - seen:
        name = sorted(wanted - seen)[0]
        seen.add(name)
        wanted |= {f"js/{found}" for found in re.findall(r'from "\./([\w-]+\.js)"', _file(name).decode())}
    assert wanted == kept
    answer = client.get("/scan/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/scan"
    known = json.loads(answer.content.decode().split("\n")[0].removeprefix("const APP = ").rstrip(";"))
    assert known["files"] == [f"/static/{name}" for name in scan_setup.FILES]
    assert f'data-app="{known["version"]}"' in client.get("/scan/offline").content.decode()


def test_a_journal_is_read_without_the_pages_that_name_its_addresses():
    """Whoever reads the journals first, as the worker does, imports `scan_journal` before `scan`, which imports it."""
    stages = Path(str(scan_setup.__file__)).parents[1]
    found = {path.parent.name: path.read_text() for path in stages.glob("*/scan_journal.py")}
    assert {"counting", "fulfilment", "replenishment", "shipping", "storage"} <= set(found)
    assert [
        stage for stage, text in found.items() if re.search(rf"^from flowrack\.{stage}\.scan[. ]", text, re.M)
    ] == []


def test_the_shell_is_the_same_for_everybody_and_names_nobody(client):
    assert client.get("/scan/offline").content == client.get("/scan/offline", headers={"Accept-Language": "de"}).content


@pytest.mark.django_db
def test_only_the_scan_app_may_compile_the_cameras_reader(client):
    assert "'wasm-unsafe-eval'" in client.get("/scan/offline").headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" in signed_in(CY).get("/scan").headers["Content-Security-Policy"]
    office = client.get("/sign-in").headers
    assert "wasm" not in office["Content-Security-Policy"] and "camera=()" in office["Permissions-Policy"]
    assert "'unsafe-eval'" not in client.get("/scan/offline").headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_sheet_and_the_set_up_page_are_for_people_of_the_floor():
    page = signed_in(CY).get("/scan/sheet").content.decode()
    assert page.count("<svg") == len(COMMANDS) + len(DIGITS) + len(TEST_CODES) and len(TEST_CODES) == 10
    assert "0 of 10" in signed_in(CY).get("/scan/device").content.decode()
    assert signed_in(EVE).get("/scan/sheet").status_code == 403


def test_every_code_of_the_sheet_reads_back_as_it_is_named():
    for code, _, kind in TEST_CODES:
        assert drawn(code, kind).startswith("<svg")
        if kind == "GS1":
            made = zxingcpp.create_barcode(BRACKETED[code], zxingcpp.BarcodeFormat.Code128, gs1=True).to_image(scale=3)
            [read] = zxingcpp.read_barcodes(made)
            assert re.sub(r"[()\x1d]", "", read.text) == re.sub(r"\x1d", "", code)


@pytest.mark.django_db
def test_the_first_load_of_the_app_is_small_without_the_camera(client):
    """Compressed as it goes over the air: the page of a job with its modules, and all that works without network."""
    weight = 0
    for name in ["js/scan.js", "js/kept.js", *scan_setup.FILES]:
        answer = client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})
        assert answer.status_code == 200, name
        weight += int(answer.headers["Content-Length"])
    assert 100_000 < weight < 150_000
    again = client.get("/static/js/scan.js", headers={"Accept-Encoding": "gzip", "If-None-Match": _etag(client)})
    assert again.status_code == 304
    plain = client.get("/static/js/scan.js")
    assert "Content-Encoding" not in plain.headers and b"The scan loop" in b"".join(plain)


def _etag(client) -> str:
    return client.get("/static/js/scan.js", headers={"Accept-Encoding": "gzip"}).headers["ETag"]


@pytest.mark.django_db
def test_large_type_a_loud_place_and_the_left_hand_are_kept_on_the_device():
    client = signed_in(CY)
    for name, value in (("type", "large"), ("sound", "loud"), ("hand", "left")):
        client.post("/preferences", {name: value})
    page = client.get("/scan").content.decode()
    assert 'data-size="large"' in page and 'class="ph left"' in page
    assert all(words in page for words in ("Usual type", "Usual sound", "Right hand"))
    assert client.cookies["sound"].value == "loud"
    client.post("/preferences", {"sound": "deafening"})
    assert client.cookies["sound"].value == "loud"
