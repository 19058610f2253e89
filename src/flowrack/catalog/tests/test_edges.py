"""The catalogue through pages, API and command line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import EVE, PAM, RAY, bearer, signed_in
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog.models import Item
from flowrack.config.cli import build_parser

pytestmark = pytest.mark.django_db(transaction=True)
ITEM = {"sku": "MUG", "item": {"name": "White mug"}, "packs": [{"level": "case", "name": "", "factor": 12}]}


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


def send(client: Client, method: str, url: str, body: object, **headers: str):
    return getattr(client, method)(
        url, json.dumps(body), content_type="application/json", headers={**bearer(PAM), **headers}
    )


def test_an_item_lives_through_the_api(client: Client) -> None:
    made = send(client, "post", "/api/v1/items", ITEM)
    assert made.status_code == 201, made.content
    url = f"/api/v1/items/{made.json()['item_id']}"
    got = client.get(url, headers=bearer(RAY))
    assert (got.json()["item"]["name"], got["ETag"]) == ("White mug", '"1"')
    assert send(client, "put", url, {"item": {"name": "Cream"}}).status_code == 428
    assert send(client, "put", url, {"item": {"name": "Cream"}}, **{"If-Match": got["ETag"]}).status_code == 200
    stale = send(client, "put", url, {"item": {"name": "Late"}}, **{"If-Match": got["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert client.get("/api/v1/codes/MUG", headers=bearer(RAY)).json()["sku"] == "MUG"
    assert client.get("/api/v1/codes/JUG", headers=bearer(RAY)).json()["code"] == "unknown_code"
    assert client.get("/api/v1/items", headers=bearer(EVE)).status_code == 403
    page = client.get("/api/v1/items?limit=1", headers=bearer(RAY)).json()
    assert [row["sku"] for row in page["items"]] == ["MUG"]


def test_a_file_is_checked_and_imported_through_the_api(client: Client) -> None:
    body = b"SKU,Name\n001,Mug\n"
    for dry, count in (("true", 0), ("false", 1)):
        answer = client.post(
            f"/api/v1/imports/items?filename=i.csv&dry_run={dry}", body, content_type="text/csv", headers=bearer(PAM)
        )
        assert answer.status_code == 200, answer.content
        assert (answer.json()["created"], Item.objects.count()) == (1, count)


def test_the_wizard_checks_then_writes() -> None:
    browser = signed_in(PAM)
    assert browser.get("/items/import").status_code == 200
    upload = SimpleUploadedFile("i.csv", b"Artikel,Name\n001,Mug\n002,=Jug\n")
    missing = browser.post("/items/import", {"step": "upload", "file": upload})
    assert missing.status_code == 422
    assert b"no column" in missing.content
    digest = missing.context["digest"]
    form = {"digest": digest, "filename": "i.csv", "header": ["Artikel", "Name"], "column": ["sku", "name"]}
    checked = browser.post("/items/import", {"step": "check", **form})
    assert checked.status_code == 200
    assert (checked.context["report"].created, checked.context["report"].bad_rows) == (1, 1)
    assert not Item.objects.exists()
    browser.post("/items/import", {"step": "write", "idempotency_key": "w1", **form})
    assert not Item.objects.exists()
    done = browser.post("/items/import", {"step": "write", "idempotency_key": "w2", "only_good_rows": "yes", **form})
    assert done.status_code == 303
    assert list(Item.objects.values_list("sku", flat=True)) == ["001"]


def test_pages_show_and_change_an_item() -> None:
    browser = signed_in(PAM)
    form = {
        "sku": "MUG", "name": "White mug", "base_uom": "each", "tracking": "none", "costing": "fifo",
        "storage_class": "general", "temperature": "ambient", "velocity": "C", "case_factor": "12",
    }  # fmt: skip
    made = browser.post("/items/new", {**form, "idempotency_key": "a"})
    item = Item.objects.get()
    assert (made.status_code, made["Location"]) == (303, f"/items/{item.pk}")
    page = browser.get(f"/items/{item.pk}")
    assert b"White mug" in page.content
    assert b"MUG" in browser.get("/items").content
    changed = browser.post(
        f"/items/{item.pk}/change", {**form, "name": "Cream mug", "version": "1", "idempotency_key": "b"}
    )
    assert changed.status_code == 303
    again = browser.post(f"/items/{item.pk}/change", {**form, "version": "1", "idempotency_key": "c"})
    assert again.status_code == 412
    assert Item.objects.get().name == "Cream mug"
    assert signed_in(EVE).get("/items").status_code == 403


def test_the_command_line_checks_and_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "items.csv"
    file.write_text("SKU,Name\n001,Mug\n")
    parse = build_parser().parse_args
    dry = parse(["import", "items", str(file), "--dry-run", "--json"])
    assert dry.run(dry) == 0
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert not Item.objects.exists()
    assert PAM.id
    asked = parse(["import", "items", str(file), "--user", "pam"])
    assert asked.run(asked) == 1
    told = capsys.readouterr()
    assert "1 would be created" in told.out
    assert "Nothing was written. This was the dry run. If it is what you want, run it again with --yes." in told.err
    assert not Item.objects.exists()
    real = parse(["import", "items", str(file), "--user", "pam", "--yes"])
    assert real.run(real) == 0
    assert "1 created" in capsys.readouterr().out
    assert Item.objects.get().sku == "001"


@pytest.mark.parametrize(("answer", "items"), [("y\n", 1), ("\n", 0), ("", 0)])
def test_a_person_at_a_terminal_sees_the_dry_run_and_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, items: int
) -> None:
    file = tmp_path / "items.csv"
    file.write_text("SKU,Name\n001,Mug\n")
    assert PAM.id
    keyboard = io.StringIO(answer)
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", keyboard)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    asked = build_parser().parse_args(["import", "items", str(file), "--user", "pam"])
    assert asked.run(asked) == 1 - items
    told = capsys.readouterr()
    assert told.err.index("1 would be created") < told.err.index("Write this? [y/N]")
    assert Item.objects.count() == items
