"""The import endpoints of every stage: the file as the body, the report as the answer."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote

from django.http import HttpRequest
from ninja import Router

from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.cli import Command
from flowrack.platform.importing.definition import Definition
from flowrack.platform.importing.engine import check
from flowrack.platform.importing.files import store_file
from flowrack.platform.importing.report import ImportFile, ImportReport, Options, comma_of


def add_import(router: Router, definition: Definition, command: Command) -> None:
    """Add POST /imports/<kind>: the raw file as body, its name in the query; `dry_run=true` writes nothing."""

    @router.post(
        f"/imports/{definition.kind}",
        response=ImportReport,
        operation_id=f"import_{definition.kind.replace('-', '_')}",
        summary=f"Import {definition.title.lower()} from a CSV or XLSX body",
    )
    @requires(definition.permission)
    def import_file(
        request: HttpRequest,
        filename: str = "upload.csv",
        dry_run: bool = False,
        good_rows_only: bool = False,
        sheet: str = "",
        date_order: str = "",
        numbers: Literal["", "point", "comma"] = "",
        encoding: Literal["", "utf-8", "windows-1252", "windows-1250", "mac-roman", "dos-850"] = "",
    ) -> ImportReport:
        options = Options(
            sheet=sheet,
            date_order=date_order,
            decimal_comma=comma_of(numbers),
            only_good_rows=good_rows_only,
            encoding=encoding,
        )
        name = unquote(filename)[:200]
        if dry_run:
            return check(definition, request.body, name, options)
        context = context_from(request)
        return command(context, ImportFile(store_file(request.body, name), name, options))
