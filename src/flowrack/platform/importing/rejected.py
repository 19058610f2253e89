"""The rows that an import left out, as a file to correct and import again."""

from __future__ import annotations

import csv
import io
import re

from flowrack.platform.importing.files import keep_file
from flowrack.platform.importing.report import Options, Problems
from flowrack.platform.importing.sheets import open_sheet
from flowrack.platform.web.columns import defused

NUMBER = re.compile(r"[+-]?[\d.,]+")
ADDED = ("Row in file", "Problem")  # no import reads these


def keep_rejected(content: bytes, filename: str, options: Options, problems: Problems) -> str:
    """Keep the bad rows as a CSV with the row number and what is wrong added; its digest, "" when none is bad."""
    if not problems.bad_rows:
        return ""
    sheet = open_sheet(content, filename, sheet=options.sheet, encoding=options.encoding)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*(_safe(header) for header in sheet.headers), *ADDED])
    width = len(sheet.headers)
    for row, cells in sheet.rows:
        if row in problems.bad_rows:
            padded = [*cells[:width], *[""] * (width - len(cells))]
            writer.writerow([*(_safe(cell) for cell in padded), row, problems.reasons.get(row, "")])
    return keep_file(("\ufeff" + out.getvalue()).encode(), f"rejected rows of {filename}")


def _safe(cell: str) -> str:
    """The cell as it was; what a spreadsheet would run as a formula gets an apostrophe in front."""
    return cell if NUMBER.fullmatch(cell) else defused(cell)
