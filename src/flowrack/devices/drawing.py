"""Barcodes of badges, commands and the test sheet."""

from __future__ import annotations

import zxingcpp
from django.utils.safestring import SafeString, mark_safe

# What gloves need no touch for: each is read like any other code, wherever a screen has such a button.
COMMANDS = [
    ("FR-OK", "OK", "The big button"),
    ("FR-UNDO", "Undo", "Take the last one back"),
    ("FR-SHORT", "Short", "There is less than wanted"),
    ("FR-SKIP", "Skip", "Come back to this later"),
    ("FR-EMPTY", "Empty", "Nothing is here"),
    ("FR-BACK", "Back", "Leave this question"),
    ("FR-LEAD", "Call lead", "Hand it to the lead"),
]
DIGITS = [(f"FR-{digit}", str(digit), "") for digit in range(10)]

# The ten codes of the test sheet: what a scanner must hand over unchanged.
TEST_CODES = [
    ("A-03-4", "A bin", "Code128"),
    ("abcXYZ", "Small and capital letters", "Code128"),
    ("0123456789", "All digits", "Code128"),
    ("5901234123457", "A retail code", "EAN13"),
    ("96385074", "A short retail code", "EAN8"),
    ("01095011015300031725010110AB-12", "A case label", "GS1"),
    ("00095011010000000018", "A pallet label", "GS1"),
    ("T-0042", "A tote", "Code128"),
    ("(~|)", "Signs", "Code128"),
    ("FLOWRACK-TEST-10", "A long code", "Code128"),
]
BRACKETED = {
    "01095011015300031725010110AB-12": "(01)09501101530003(17)250101(10)AB-12",
    "00095011010000000018": "(00)095011010000000018",
}


def drawn(code: str, kind: str = "Code128") -> SafeString:
    """The barcode as an SVG picture."""
    if kind == "GS1":
        made = zxingcpp.create_barcode(BRACKETED[code], zxingcpp.BarcodeFormat.Code128, gs1=True)
    else:
        made = zxingcpp.create_barcode(code, getattr(zxingcpp.BarcodeFormat, kind))
    text = str(made.to_svg())
    return mark_safe(text[text.index("<svg") :])  # noqa: S308 - drawn by the library from codes of this module
