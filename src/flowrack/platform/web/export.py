"""CSV and XLSX of exactly the view on the page: same filters, sort and columns, all matching rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from flowrack.platform.web.columns import Column, defused, export_value
from flowrack.platform.web.query import ListQuery, Page

CHUNK = 2_000
XLSX_ROWS = 1_000_000


def all_rows(rows: Callable[[ListQuery], Page[Any]], query: ListQuery) -> Iterator[Any]:
    """Every matching row, fetched in chunks."""
    offset = 0
    while True:
        found = rows(replace(query, offset=offset, limit=CHUNK, with_totals=False)).rows
        yield from found
        if len(found) < CHUNK:
            return
        offset += CHUNK


def _file_name(title: str, ending: str) -> str:
    return f"{slugify(title) or 'list'}-{timezone.localdate().isoformat()}.{ending}"


def csv_response(
    title: str, columns: Sequence[Column], rows: Callable[[ListQuery], Page[Any]], query: ListQuery
) -> StreamingHttpResponse:
    """The view as CSV in UTF-8 with a byte order mark, so that spreadsheets read it right."""

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([defused(c.file_heading) for c in columns])
        yield "\ufeff" + _take(buffer)
        for count, row in enumerate(all_rows(rows, query), 1):
            writer.writerow([export_value(c, row) for c in columns])
            if count % 500 == 0:
                yield _take(buffer)
        yield _take(buffer)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(title, "csv")}"'
    return response


def _take(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def xlsx_response(
    title: str, columns: Sequence[Column], rows: Callable[[ListQuery], Page[Any]], query: ListQuery
) -> HttpResponse:
    """The view as a workbook with one sheet; text cells can never become formulas."""
    output = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(output, options)
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {"money": book.add_format({"num_format": "#,##0.00"}), "number": book.add_format({"num_format": "#,##0"})}
    sheet = book.add_worksheet(slugify(title)[:31] or "list")
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, 14 if column.css == "n" else 22)
        sheet.write_string(0, at, column.file_heading, bold)
    for line, row in enumerate(all_rows(rows, query), 1):
        if line > XLSX_ROWS:
            break
        for at, column in enumerate(columns):
            _write(sheet, line, at, export_value(column, row), formats.get(column.kind))
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(output.getvalue(), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(title, "xlsx")}"'
    return response


def _write(sheet: Any, line: int, at: int, value: Any, number_format: Any) -> None:
    if isinstance(value, int | float | Decimal):
        shape = (
            None
            if isinstance(value, int | Decimal) and value != int(value) and number_format is None
            else number_format
        )
        sheet.write_number(line, at, value, shape)
    else:
        sheet.write_string(line, at, str(value))
