"""Photos that people take as evidence: damaged goods, labels that cannot be read.

    photo = save(content)          # refuses with PhotoRefused; the same picture is kept once
    find(photo.digest)             # what it is, or None; a stage stores the digest beside its record

The file is kept under its SHA-256 in FLOWRACK_HOME/files/photos, which `flowrack backup` takes along. What a file is
shows in its first bytes, never in the name or the type that a browser claims. The size of the picture is read from its
head without drawing it, so that a small file cannot unpack to a huge one. Where and by whom it was taken is not kept
(see pictures.py).
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from flowrack.platform import pictures
from flowrack.platform.web.access import page
from flowrack.shared.errors import Invalid, NotFound

MAX_BYTES = 10 * 2**20
MAX_SIDE = 12_000
MAX_PIXELS = 60_000_000
PERMISSION = "platform.photos"
DIGEST = re.compile(r"[0-9a-f]{64}")


class PhotoRefused(Invalid):
    """A file that is no picture, or one that is too large."""

    code = "photo_refused"


@dataclass(frozen=True, slots=True)
class Photo:
    """A kept picture: its SHA-256, type, bytes and pixels."""

    digest: str
    content_type: str
    size_bytes: int
    width: int
    height: int


def save(content: bytes) -> Photo:
    """Keep a JPEG, PNG or WebP picture without its metadata; refuses with PhotoRefused. Safe to repeat."""
    _refuse_size(len(content))
    read(content)
    try:
        content = pictures.clean(content)
    except pictures.Broken as broken:
        raise PhotoRefused("The picture is broken: a part of the file is missing.", fix="Take it again.") from broken
    photo = read(content)
    path = path_of(photo.digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{uuid4().hex}")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    return photo


def save_upload(upload: UploadedFile[Any] | None) -> Photo:
    """Keep what a form or an API call sent; a file that is too large is refused before it is read."""
    if upload is None:
        raise PhotoRefused("There is no picture.", fix="Choose or take one.")
    _refuse_size(upload.size or 0)
    return save(upload.read())


def _refuse_size(size: int) -> None:
    if size > MAX_BYTES:
        raise PhotoRefused(
            f"The picture has {-(-size // 2**20)} MB; {MAX_BYTES // 2**20} MB is the most.",
            fix="Take it with a lower resolution.",
        )


def read(content: bytes) -> Photo:
    """What the bytes are, by themselves. Refuses with PhotoRefused."""
    for content_type, reader in READERS:
        found = reader(content)
        if found is not None:
            width, height = found
            if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE) or width * height > MAX_PIXELS:
                raise PhotoRefused(
                    f"The picture has {width} x {height} pixels; {MAX_SIDE} a side and {MAX_PIXELS // 10**6} million"
                    " in all is the most.",
                    fix="Take it with a lower resolution.",
                )
            return Photo(hashlib.sha256(content).hexdigest(), content_type, len(content), width, height)
    raise PhotoRefused("This file is no picture.", fix="Send a JPEG, PNG or WebP picture.")


def _png(content: bytes) -> tuple[int, int] | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 33:
        return None
    return struct.unpack(">II", content[16:24])


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The size from the frame header, past whatever segments stand before it."""
    if content[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        elif marker in (0xD8, 0xD9, 0xDA):
            return None
        else:
            at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return tuple(side & 0x3FFF for side in struct.unpack("<HH", content[26:30]))
    return None


READERS: tuple[tuple[str, Callable[[bytes], tuple[int, int] | None]], ...] = (
    ("image/jpeg", _jpeg),
    ("image/png", _png),
    ("image/webp", _webp),
)


def path_of(digest: str) -> Path:
    """Where a picture lies. Refuses with NotFound what is no digest, so that no path can be made up."""
    if not DIGEST.fullmatch(digest):
        raise NotFound("There is no such picture.")
    return Path(settings.MEDIA_ROOT) / "photos" / digest[:2] / digest


def find(digest: str) -> Photo | None:
    """The kept picture, or None."""
    if not DIGEST.fullmatch(digest):
        return None
    path = path_of(digest)
    return read(path.read_bytes()) if path.is_file() else None


def missing(digests: Iterable[str]) -> list[str]:
    """Those of the digests under which no picture is kept."""
    return [digest for digest in digests if not (DIGEST.fullmatch(digest) and path_of(digest).is_file())]


def refuse_missing(digests: Sequence[str]) -> None:
    """Refuse with PhotoRefused when a record names a picture that was never sent."""
    gone = missing(digests)
    if gone:
        raise PhotoRefused(f"The picture {gone[0][:12]} is not kept here.", fix="Send the picture first.")


@page(PERMISSION, methods=("GET", "HEAD"))
def photo(request: HttpRequest, digest: str) -> HttpResponse:
    """One picture, for people who may see evidence. Its address is its content, so a browser may keep it."""
    path = path_of(digest)
    if not path.is_file():
        raise NotFound("There is no such picture.")
    content = path.read_bytes()
    response = HttpResponse(content, content_type=read(content).content_type)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
