"""Reading master data from CSV and XLSX: one engine for pages, API and command line.

A stage describes what it takes as a `Definition` (columns, keys, lookups, target tables). The engine reads the file,
checks every cell, compares with what is stored, and only then writes, set-based, inside the stage's command.
"""

from flowrack.platform.importing.definition import Check, Column, Definition, Lookup, Mapped, Rule, Target, suggest
from flowrack.platform.importing.engine import check, load
from flowrack.platform.importing.files import store_file, stored_file
from flowrack.platform.importing.report import ImportFile, ImportRefused, ImportReport, Options, Problem, Problems
from flowrack.platform.importing.sheets import FileRefused, Sheet, open_sheet
from flowrack.platform.importing.stage import progress_to, tell

__all__ = [
    "Check",
    "Column",
    "Definition",
    "FileRefused",
    "ImportFile",
    "ImportRefused",
    "ImportReport",
    "Lookup",
    "Mapped",
    "Options",
    "Problem",
    "Problems",
    "Rule",
    "Sheet",
    "Target",
    "check",
    "load",
    "open_sheet",
    "progress_to",
    "store_file",
    "stored_file",
    "suggest",
    "tell",
]
