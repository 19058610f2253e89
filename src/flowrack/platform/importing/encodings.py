"""From the bytes of a text file to its text: what is certain is taken, what is assumed is said, what may be anything is
refused with the choices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowrack.shared.errors import Invalid

# What a person may say about a file -> (name of the codec, name for people).
CHOICES: dict[str, tuple[str, str]] = {
    "utf-8": ("utf-8-sig", "UTF-8"),
    "windows-1252": ("cp1252", "Windows-1252 (Western Europe)"),
    "windows-1250": ("cp1250", "Windows-1250 (Central Europe)"),
    "mac-roman": ("mac_roman", "Mac Roman"),
    "dos-850": ("cp850", "DOS 850"),
}
ASSUMED = "windows-1252"
# Signs inside words that no Western text has there: the file was written with another table.
SUSPECT = re.compile(r"(?<=[^\W\d_])[²³¹‚ƒ„†‡ˆ‰‹•“”˜™›¡¢£¤¥¦§¨©ª«¬®¯±¶¸»¿×÷](?=[^\W\d_])|(?<=[a-z])[ŠŽŸŒ](?=[a-z])")
WORD_ASIDE = 24
# Signs that no text for people has: control characters, the mark of UTF-16 read as letters, and noncharacters.
GARBAGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1c\x1e\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|ÿþ|þÿ")


class FileRefused(Invalid):
    """A file that cannot be read as a table."""

    code = "file_refused"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, the encoding in words, and where that was assumed, a word of the file that shows it."""

    text: str
    encoding: str
    example: str = ""


def decode(content: bytes, filename: str, said: str = "") -> Decoded:
    """The text of a file. What a person said counts; else marks are believed, UTF-8 where the bytes are UTF-8, and
    Windows-1252 is assumed where it reads like words. Refuses with FileRefused what may be anything, and what has
    signs that no text has."""
    read = _read(content, filename, said)
    odd = GARBAGE.search(read.text)
    if odd is not None:
        row = read.text.count("\n", 0, odd.start()) + 1
        raise FileRefused(
            f"“{filename}” is not a clean text file: read as {read.encoding}, row {row} has "
            f"{' '.join(f'U+{ord(sign):04X}' for sign in odd[0])}.",
            fix="Open it in a spreadsheet, look at that row, and save it as CSV UTF-8 or as .xlsx.",
            row=row,
        )
    return read


def _read(content: bytes, filename: str, said: str) -> Decoded:
    if said:
        codec, name = CHOICES[said]
        return Decoded(_decode(content, codec, filename, name), name.partition(" (")[0])
    if content.startswith(b"\xef\xbb\xbf"):
        return Decoded(_decode(content, "utf-8-sig", filename, "UTF-8"), "UTF-8 with mark")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Decoded(_decode(content, "utf-16", filename, "UTF-16"), "UTF-16")
    head = content[:4096]
    if head.count(0) * 3 > len(head):
        order = "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
        return Decoded(_decode(content, order, filename, "UTF-16"), "UTF-16 without mark")
    if b"\0" in content:
        raise FileRefused(f"“{filename}” is not a text file.", fix="Save it as CSV (UTF-8) or as .xlsx.")
    try:
        return Decoded(content.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _assume(content, filename)


def _assume(content: bytes, filename: str) -> Decoded:
    codec, name = CHOICES[ASSUMED]
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        raise _undecidable(content, filename, error.start) from None
    odd = SUSPECT.search(text)
    if odd is not None:
        raise _undecidable(content, filename, odd.start())
    shown = re.search(r"[^\x00-\x7f]", text)
    assert shown is not None, "without such a sign it is ASCII, and that is UTF-8"
    return Decoded(text, f"{name.partition(' (')[0]}, assumed", word_at(text, shown.start()))


def word_at(text: str, place: int) -> str:
    """The word around a place of a text."""
    start, end = place, place
    while start > 0 and place - start < WORD_ASIDE and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and end - place < WORD_ASIDE and (end == place or text[end].isalnum()):
        end += 1
    return text[start:end]


def _undecidable(content: bytes, filename: str, at: int) -> FileRefused:
    row = content.count(b"\n", 0, at) + 1
    readings = []
    for codec, name in list(CHOICES.values())[1:]:
        word = word_at(content.decode(codec, "replace"), at)
        if "\ufffd" not in word and not SUSPECT.search(word):
            readings.append(f"“{word}” as {name.partition(' (')[0]}")
    seen = f" Row {row} may read {' or '.join(readings[:3])}." if readings else f" See row {row}."
    return FileRefused(
        f"“{filename}” is not UTF-8, and what else it is cannot be told.{seen}",
        fix="Say its encoding, or save it as CSV UTF-8.",
        row=row,
    )


def _decode(content: bytes, codec: str, filename: str, name: str) -> str:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"“{filename}” is not {name}: row {row} has the byte {content[error.start]:#04x}.",
            fix="Say another encoding, or save it as CSV UTF-8.",
            row=row,
        ) from None
    if "\0" in text:
        raise FileRefused(f"“{filename}” is not a text file.", fix="Save it as CSV (UTF-8) or as .xlsx.")
    return text
