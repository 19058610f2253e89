"""GS1 check digits: GTIN, GLN and SSCC share one rule (GS1 General Specifications 7.9)."""

from __future__ import annotations

GTIN_LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The digit that completes `digits`: weights 3 and 1 from the right, up to the next multiple of ten."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -total % 10


def is_valid(code: str) -> bool:
    """Whether a code of digits ends in its check digit."""
    return code.isascii() and code.isdigit() and len(code) > 1 and check_digit(code[:-1]) == int(code[-1])


def gtin14(code: str) -> str | None:
    """A GTIN of 8, 12, 13 or 14 digits as 14 digits; None when it is none or its check digit is wrong."""
    return code.zfill(14) if len(code) in GTIN_LENGTHS and is_valid(code) else None


def sscc(prefix: str, extension: int, serial: int) -> str:
    """The 18 digits of a serial shipping container code: extension, company prefix, serial, check digit."""
    width = 16 - len(prefix)
    if not (prefix.isdigit() and 4 <= len(prefix) <= 12 and 0 <= extension <= 9 and 0 <= serial < 10**width):
        raise ValueError(f"no SSCC fits extension {extension}, prefix {prefix} and serial {serial}")
    body = f"{extension}{prefix}{serial:0{width}d}"
    return f"{body}{check_digit(body)}"
