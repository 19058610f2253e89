"""A label as ZPL, the language of label printers: plain ASCII, the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.labels import rules_code128 as code128
from flowrack.labels.rules_layout import Bars, Drawn, Ink, Matrix, Words, dots, element_string

TURNED = {0: "N", 90: "R", 180: "I", 270: "B"}
_COMMANDS = frozenset("^~\\")


def label(drawn: Sequence[Drawn], *, width_mm: int, height_mm: int, dpi: int, copies: int = 1) -> str:
    """The whole label, from ^XA to ^XZ."""
    head = ["^XA", "^CI28", f"^PW{dots(10 * width_mm, dpi)}", f"^LL{dots(10 * height_mm, dpi)}", "^LH0,0"]
    return "\n".join([*head, *(_said(one, dpi) for one in drawn), f"^PQ{copies}", "^XZ", ""])


def _said(one: Drawn, dpi: int) -> str:
    if isinstance(one, Ink):
        thick = min(one.width, one.height)
        return f"^FO{one.x},{one.y}^GB{one.width},{one.height},{thick}^FS"
    at = f"^FO{one.x},{one.y}"
    if isinstance(one, Words):
        wide = one.size * 11 // 10 if one.is_bold else one.size
        return f"{at}^A0{TURNED[one.rotation]},{one.size},{wide}{_data(one.text)}"
    if isinstance(one, Matrix):
        # _1 is FNC1: it stands first in a GS1 DataMatrix and between its parts.
        text = element_string(one.text).replace("_", "_d095").replace(code128.FNC1, "_1")
        return f"{at}^BXN,{one.module},200,,,,_{_data(text)}"
    assert isinstance(one, Bars)
    high = one.height if one.rotation in (0, 180) else one.width
    said = code128.said_to_printer(one.symbols)
    return f"^BY{one.module},3{at}^BC{TURNED[one.rotation]},{high},N,N,N,N{_data(said)}"


def _data(text: str) -> str:
    r"""A field's data. What would be a command, and all beyond ASCII, is written as \ and the hex of its UTF-8."""
    return f"^FH\\^FD{''.join(_safe(char) for char in text)}^FS"


def _safe(char: str) -> str:
    if char not in _COMMANDS and 32 <= ord(char) < 127:
        return char
    return "".join(f"\\{byte:02X}" for byte in char.encode())
