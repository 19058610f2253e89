"""Reading master data from CSV and XLSX: one engine for pages, API and command line.

A stage describes what it takes as a `Definition` (columns, keys, lookups, target tables). The engine reads the file,
checks every cell, compares with what is stored, and only then writes, set-based, inside the stage's command.
"""

from flowrack.platform.importing.definition import Column, Definition, Lookup, Target
from flowrack.platform.importing.engine import check, load
from flowrack.platform.importing.files import stored_file, store_file
from flowrack.platform.importing.report import ImportFile, ImportRefused, ImportReport, Options, Problem
from flowrack.platform.importing.sheets import FileRefused, Sheet, open_sheet

__all__ = [
    "Column",
    "Definition",
    "FileRefused",
    "ImportFile",
    "ImportRefused",
    "ImportReport",
    "Lookup",
    "Options",
    "Problem",
    "Sheet",
    "Target",
    "check",
    "load",
    "open_sheet",
    "store_file",
    "stored_file",
]
