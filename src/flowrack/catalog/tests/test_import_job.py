"""A large file is imported in the background; its result and rejected rows are on the wizard's page."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import PAM, ROB, signed_in
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog.models import Item
from flowrack.config.cli import build_parser
from flowrack.platform import jobs
from flowrack.platform.importing import job as importing
from flowrack.platform.models import Job
from flowrack.shared.check_digits import check_digit

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = "SKU,Name,EAN\n" + "".join(f"{n:05},Mug {n},\n" for n in range(1, 2001)) + "=1,Bad,5012345000013\n"


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


def checked(browser, text: str):
    """The check page of a file; a large file's check is run as the worker does."""
    answer = browser.post("/items/import", {"step": "upload", "file": SimpleUploadedFile("i.csv", text.encode())})
    if answer.status_code == 303:
        queued = Job.objects.get(kind="check.items")
        assert answer["Location"] == f"/jobs/{queued.pk}"
        jobs.run_next()
        queued.refresh_from_db()
        answer = browser.get(queued.result["page"])
    return answer


def form_of(page, key: str, **more: str) -> dict[str, str]:
    """The form as the check page draws it."""
    rows = page.context["report"].rows
    assert f'name="rows" value="{rows}"' in page.content.decode()
    form = {"digest": page.context["digest"], "filename": "i.csv", "rows": rows, "idempotency_key": key}
    return {"step": "write", **form, **more}


def asked(browser, text: str, key: str, **more: str):
    """Check a file, then ask for its import."""
    return browser.post("/items/import", form_of(checked(browser, text), key, **more))


def test_a_large_file_is_checked_in_the_background_and_shown_as_a_small_one_is() -> None:
    browser = signed_in(PAM)
    sent = browser.post("/items/import", {"step": "upload", "file": SimpleUploadedFile("i.csv", LARGE.encode())})
    queued = Job.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/jobs/{queued.pk}")
    assert (queued.kind, queued.title, queued.total_count) == ("check.items", "Check items: i.csv", 2002)
    assert browser.get(f"/items/import?checked={queued.pk}").status_code == 404, "it is not done yet"
    jobs.run_next()
    queued.refresh_from_db()
    assert (queued.state, queued.result["to_create"], queued.result["with_problems"]) == ("done", 2000, 1)
    assert not Item.objects.exists()
    shown = browser.get(f"/jobs/{queued.pk}").content.decode()
    assert f'href="/items/import?checked={queued.pk}"' in shown and "Kept" not in shown
    page = browser.get(f"/items/import?checked={queued.pk}")
    assert (page.context["report"].created, page.context["report"].bad_rows) == (2000, 1)
    assert [match["name"] for match in page.context["matches"]] == ["sku", "name", "each_gtin"]
    assert signed_in(ROB).get(f"/items/import?checked={queued.pk}").status_code in (403, 404)


def test_a_large_file_without_a_needed_column_comes_back_with_its_columns_to_match() -> None:
    browser = signed_in(PAM)
    page = checked(browser, LARGE.replace("SKU", "Thing", 1))
    assert page.status_code == 422
    assert page.context["headers"] == ["Thing", "Name", "EAN"]
    matched = {"step": "check", "header": ["Thing", "Name", "EAN"], "column": ["sku", "name", ""]}
    again = browser.post("/items/import", {**matched, "digest": page.context["digest"], "filename": "i.csv"})
    assert again.status_code == 303
    jobs.run_next()
    assert Job.objects.latest("pk").result["to_create"] == 2000


def test_a_large_file_becomes_a_job_once_and_ends_at_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PROGRESS_EVERY_SECONDS", 0)
    told: list[tuple[int, int | None, str]] = []
    progress = jobs.JobRun.progress
    monkeypatch.setattr(jobs.JobRun, "progress", lambda run, *args: (told.append(args), progress(run, *args))[1])
    browser = signed_in(PAM)
    form = form_of(checked(browser, LARGE), "k", only_good_rows="yes")
    told.clear()
    sent = browser.post("/items/import", form)
    queued = Job.objects.get(kind="import.items")
    assert (sent.status_code, sent["Location"]) == (303, f"/jobs/{queued.pk}")
    assert (queued.title, queued.total_count, queued.state) == ("Import items: i.csv", 2001, "queued")
    assert browser.post("/items/import", form)["Location"] == f"/jobs/{queued.pk}"
    assert not Item.objects.exists()
    assert "Import items: i.csv" in browser.get("/jobs/tray").content.decode()

    jobs.run_next()
    queued.refresh_from_db()
    assert (queued.state, queued.done_count, queued.log) == ("done", 2001, "")
    assert queued.result == {
        "rows": 2001, "created": 2000, "changed": 0, "the_same": 0, "with_problems": 1,
        "page": "/items/import?result=k",
    }  # fmt: skip
    assert told == [(800, 2001, "Checking"), (1000, 2001, "Comparing"), (1200, 2001, "Writing")]
    assert Item.objects.count() == 2000
    assert 'href="/items/import?result=k"' in browser.get(f"/jobs/{queued.pk}").content.decode()

    page = browser.get("/items/import?result=k")
    assert (page.status_code, page.context["report"].created, page.context["report"].bad_rows) == (200, 2000, 1)
    assert "This is a formula, not a value." in page.content.decode()
    rejected = browser.get(page.context["rejected"])
    assert (rejected["Content-Type"], rejected["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        'attachment; filename="rejected-items.csv"',
    )
    right = f"501234500001{check_digit('501234500001')}"
    assert list(csv.reader(io.StringIO(rejected.content.decode("utf-8-sig")))) == [
        ["SKU", "Name", "EAN", "Row in file", "Problem"],
        ["'=1", "Bad", "5012345000013", "2002", "SKU: This is a formula, not a value. Paste the values only, then"
         f" import again. | EAN: “5012345000013” has a wrong check digit. With these digits it would be {right}."],
    ]  # fmt: skip
    assert signed_in(ROB).get("/items/import?result=k").status_code == 404
    assert browser.get("/items/import?result=other").status_code == 404


def test_a_job_with_problems_writes_nothing_and_says_what_is_wrong() -> None:
    asked(signed_in(PAM), LARGE, "k")
    jobs.run_next()
    ended = Job.objects.get(kind="import.items")
    assert (ended.state, ended.message) == ("failed", "2 problems in 1 row; nothing was written.")
    assert "line 2002 SKU: This is a formula, not a value." in ended.log
    assert not Item.objects.exists()


def test_a_stopped_import_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PROGRESS_EVERY_SECONDS", 0)
    asked(signed_in(PAM), LARGE, "k", only_good_rows="yes")

    def stop(job_id: int) -> None:
        jobs.cancel(PAM.id, job_id)

    jobs.run_next(stop)
    assert Job.objects.get(kind="import.items").state == "cancelled"
    assert not Item.objects.exists()


def test_a_small_file_is_written_at_once_and_shows_its_result() -> None:
    browser = signed_in(PAM)
    sent = asked(browser, "SKU,Name\n1,Mug\n", "k/ 1")
    assert (sent.status_code, sent["Location"]) == (303, "/items/import?result=k%2F+1")
    page = browser.get(sent["Location"])
    assert (page.context["report"].created, page.context["rejected"]) == (1, "")
    assert not Job.objects.exists()


def test_every_import_page_has_its_job() -> None:
    jobs.load_jobs()
    kinds = {kind for kind in jobs._kinds if kind.startswith("import.")}
    assert kinds == {f"import.{name}" for name in (
        "items", "sites", "zones", "locations", "suppliers", "supplier-items", "customers", "addresses", "carriers",
        "owners", "opening-stock", "asns", "agreement-lines", "confirmations", "rate-card-rates", "rate-card-places",
            "freight-invoices",
    )}  # fmt: skip
    assert {kind.replace("check.", "import.") for kind in jobs._kinds if kind.startswith("check.")} == kinds
    assert importing.LARGE == 2_000


def test_a_workbook_is_large_by_its_bytes() -> None:
    assert importing.is_large(b"PK" + b"x" * 150_000) == 2_000
    assert importing.is_large(b"PK" + b"x" * 1_000) == 0
    assert (importing.is_large(b"a\n" * 2_000), importing.is_large(b"a\n" * 2_001)) == (0, 2_001)


def test_the_command_line_gives_the_rejected_rows_too(tmp_path: Path) -> None:
    file, rejected = tmp_path / "i.csv", tmp_path / "bad.csv"
    file.write_text("SKU;Name\n1;Mug\n=2;Jug;\n")
    assert PAM.id
    run = build_parser().parse_args(
        ["import", "items", str(file), "--user", "pam", "--yes", "--good-rows-only", "--rejected", str(rejected)]
    )
    assert run.run(run) == 0
    assert rejected.read_text(encoding="utf-8-sig").splitlines()[1].startswith("'=2,Jug,3,\"SKU: This is a formula")
