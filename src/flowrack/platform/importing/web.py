"""The import wizard: upload, check with matched columns, write. One view for every definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from pydantic import TypeAdapter, ValidationError

from flowrack.platform import sql
from flowrack.platform.http import key_of
from flowrack.platform.importing.cli import Command
from flowrack.platform.importing.definition import Definition, suggest
from flowrack.platform.importing.encodings import CHOICES
from flowrack.platform.importing.engine import examine
from flowrack.platform.importing.files import store_file, stored_file
from flowrack.platform.importing.job import LARGE, checked, is_large, start_check, start_import
from flowrack.platform.importing.report import Examined, ImportFile, ImportReport, Options, comma_of
from flowrack.platform.importing.sheets import MAX_BYTES, MAX_ROWS, FileRefused
from flowrack.platform.web.access import page
from flowrack.platform.web.render import context_of, go, perform, render_page
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.ids import uuid7

TEMPLATE = "platform/import.html"
REPORT = TypeAdapter(ImportReport)


NUMBERS = (("point", "1,234.5"), ("comma", "1.234,5"))
DATES = (("dmy", "day first"), ("mdy", "month first"))


class UploadForm(forms.Form):
    """A file, and what cannot be found out from it."""

    file = forms.FileField(label="File", help_text="CSV or Excel (.xlsx), at most 50 MB, names of columns in row 1.")
    date_order = forms.ChoiceField(
        label="Dates such as 01/02/2026",
        required=False,
        choices=[("", "are not in the file"), *DATES],
    )
    numbers = forms.ChoiceField(
        label="Numbers",
        required=False,
        choices=[("", "found out from the file"), *NUMBERS],
    )
    encoding = forms.ChoiceField(
        label="Encoding of a CSV",
        required=False,
        choices=[("", "found out from the file"), *((code, name) for code, (_, name) in CHOICES.items())],
    )


def import_view(definition: Definition, command: Command, *, back: str) -> Callable[..., HttpResponse]:
    """The wizard for one definition; `back` is the url name of the list that it fills."""

    @page(permission=definition.permission)
    def view(request: HttpRequest) -> HttpResponse:
        step = request.POST.get("step", "")
        try:
            if step == "upload":
                return _uploaded(request, definition, back)
            if step == "check":
                return _checked(request, definition, back, _options(request))
            if step == "write":
                return _write(request, definition, command, back)
            for name, shown in (("checked", _kept), ("result", _result)):
                if name in request.GET:
                    return shown(request, definition, back)
        except FileRefused as refusal:
            return _draw(request, definition, back, refusal=refusal, status=refusal.status)
        return _draw(request, definition, back)

    return view


def _draw(request: HttpRequest, definition: Definition, back: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "definition": definition,
        "form": more.pop("form", None) or UploadForm(),
        "back": reverse(back),
        **more,
    }
    return render_page(request, TEMPLATE, context, status=status)


def _uploaded(request: HttpRequest, definition: Definition, back: str) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draw(request, definition, back, form=form, status=422)
    upload = form.cleaned_data["file"]
    if upload.size > MAX_BYTES:
        raise FileRefused(f"The file has {upload.size // 2**20} MB; 50 MB is the most.", fix="Split the file.")
    content = upload.read()
    digest = store_file(content, upload.name)
    options = Options(
        date_order=form.cleaned_data["date_order"],
        decimal_comma=comma_of(form.cleaned_data["numbers"]),
        encoding=form.cleaned_data["encoding"],
    )
    return _report(request, definition, back, digest, upload.name, content, options)


def _checked(request: HttpRequest, definition: Definition, back: str, options: Options) -> HttpResponse:
    digest = request.POST.get("digest", "")
    return _report(
        request, definition, back, digest, request.POST.get("filename", "")[:200], stored_file(digest), options
    )


def _report(
    request: HttpRequest,
    definition: Definition,
    back: str,
    digest: str,
    filename: str,
    content: bytes,
    options: Options,
) -> HttpResponse:
    """The check: at once, or a large file's in the background; both end at the same page."""
    rows = is_large(content)
    if rows:
        req = ImportFile(digest, filename, options)
        job_id = start_check(context_of(request), definition, req, rows=rows, page=request.path)
        return go(request, reverse("job", args=[job_id]))
    found = examine(definition, content, filename, options)
    return _examined(request, definition, back, ImportFile(digest, filename, options), found)


def _examined(
    request: HttpRequest, definition: Definition, back: str, req: ImportFile, found: Examined
) -> HttpResponse:
    """Matched columns, counts, changes and problems. A missing column is shown with the columns to match."""
    refusal = None if found.report else FileRefused(found.message, fix=found.fix)
    sure = suggest(definition, found.headers)
    chosen = {header: name for header, (name, _) in sure.items()} | req.options.mapping
    matches = [
        {"number": i, "header": header, "name": chosen.get(header, ""), "sure": sure.get(header, ("", 0))[1]}
        for i, header in enumerate(found.headers)
        if header
    ]
    return _draw(
        request,
        definition,
        back,
        status=refusal.status if refusal else 200,
        report=found.report,
        refusal=refusal,
        digest=req.digest,
        filename=req.filename,
        date_order=req.options.date_order,
        encoding=req.options.encoding,
        numbers={None: "", False: "point", True: "comma"}[req.options.decimal_comma],
        number_styles=NUMBERS,
        date_styles=DATES,
        encodings=[(code, name) for code, (_, name) in CHOICES.items()],
        matches=matches,
        headers=[m["header"] for m in matches],
    )


def _kept(request: HttpRequest, definition: Definition, back: str) -> HttpResponse:
    """What a check in the background found."""
    asked = request.GET["checked"]
    job_id = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    kept = checked(definition, int(request.user.pk or 0), job_id)
    if kept is None:
        refusal = NotFound("There is no such check of yours.", fix="Choose a file.")
        return _draw(request, definition, back, refusal=refusal, status=refusal.status)
    return _examined(request, definition, back, *kept)


def _options(request: HttpRequest, *, only_good_rows: bool = False) -> Options:
    """What the wizard's form says: a select for each header of the file."""
    headers = request.POST.getlist("header")
    names = request.POST.getlist("column")
    order = request.POST.get("date_order", "")
    encoding = request.POST.get("encoding", "")
    return Options(
        mapping=dict(zip(headers, names, strict=False)),
        date_order=order if order in ("dmy", "mdy") else "",
        decimal_comma=comma_of(request.POST.get("numbers", "")),
        only_good_rows=only_good_rows,
        encoding=encoding if encoding in CHOICES else "",
    )


def _write(request: HttpRequest, definition: Definition, command: Command, back: str) -> HttpResponse:
    """Import the file: at once, or a large one in the background. Both end at the result."""
    options = _options(request, only_good_rows=request.POST.get("only_good_rows") == "yes")
    req = ImportFile(request.POST.get("digest", ""), request.POST.get("filename", "")[:200], options)
    rows = request.POST.get("rows", "")
    key = key_of(request) or str(uuid7())
    if rows.isdecimal() and LARGE < int(rows) <= MAX_ROWS:
        job_id = start_import(context_of(request, key), definition, req, rows=int(rows), page=request.path)
        return go(request, reverse("job", args=[job_id]))

    def again(refusal: FlowrackError) -> HttpResponse:
        if isinstance(refusal, FileRefused):
            return _draw(request, definition, back, refusal=refusal)
        return _checked(request, definition, back, options)

    def words(report: ImportReport) -> str:
        return f"{report.created:,} created, {report.updated:,} changed"

    result = f"{request.path}?{urlencode({'result': key})}"
    return perform(request, command, req, to=result, toast=words, again=again, key=key)


def _read_report(stored: str) -> ImportReport | None:
    """The report that a command left behind; None for what was no import."""
    try:
        return REPORT.validate_json(stored)
    except ValidationError:
        return None


def _result(request: HttpRequest, definition: Definition, back: str) -> HttpResponse:
    """What an import of one's own did; with `rejected`, the rows that it left out as a CSV."""
    key = request.GET["result"]
    stored = sql.fetch_value(
        "SELECT result::text FROM platform_commandrecord WHERE actor_id = %s AND key = %s", (request.user.pk, key)
    )
    report = _read_report(stored) if stored else None
    if report is None or report.kind != definition.kind:
        refusal = NotFound("There is no such import of yours.", fix="Choose a file.")
        return _draw(request, definition, back, refusal=refusal, status=refusal.status)
    if "rejected" in request.GET and report.rejected:
        name = f"rejected-{definition.kind}.csv"
        return HttpResponse(
            stored_file(report.rejected),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    rejected = f"{request.path}?{urlencode({'result': key, 'rejected': 1})}" if report.rejected else ""
    return _draw(request, definition, back, report=report, filename=report.filename, done=True, rejected=rejected)
