"""What a picture file carries besides its pixels is taken out: where it was taken, by which phone, and hidden previews.

    clean(content)     # the same pixels, without Exif, GPS, XMP, IPTC, comments and what follows the end of the picture

The pixels are not touched, so that a photo stays evidence. Which side is up remains: it is the only entry of the Exif
data that is written anew, and browsers turn the picture by it. Sources: JFIF 1.02 and Exif 2.32 (segments and tag
0x0112), PNG third edition (chunk eXIf), WebP container specification (chunk EXIF and its flag).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
KEPT_APPS = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}  # size, colour profile, colour transform
COMMENT = 0xFE
ORIENTATION = 0x0112
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = (
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
)  # fmt: skip
WEBP_DROPPED = (b"EXIF", b"XMP ")
WEBP_EXIF, WEBP_XMP = 0x08, 0x04  # flags of VP8X: such a chunk follows


class Broken(ValueError):
    """The file ends before its picture does, or is not built as its kind must be."""


def clean(content: bytes) -> bytes:
    """The picture without what tells of people and places. Raises Broken."""
    try:
        if content[:3] == b"\xff\xd8\xff":
            return _jpeg(content)
        if content[:8] == PNG_HEAD:
            return PNG_HEAD + b"".join(_png(content))
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError) as error:
        raise Broken("the file ends too early") from error
    raise Broken("neither JPEG nor PNG nor WebP")


def _jpeg(content: bytes) -> bytes:
    """Segment by segment up to the end of the image; what stands after it is dropped."""
    kept = [b"\xff\xd8"]
    orientation = 1
    at = 2
    while True:
        if content[at] != 0xFF:
            raise Broken("a segment is missing")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == EOI:
            kept.append(b"\xff\xd9")
            break
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        segment = content[at : at + 2 + length]
        if len(segment) < 2 + length or length < 2:
            raise Broken("the file ends too early")
        at += len(segment)
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = orientation_of(segment[10:])
        elif _is_kept(marker, segment):
            kept.append(segment)
        if marker == SOS:
            end = _end_of_scan(content, at)
            kept.append(content[at:end])
            at = end
    if orientation != 1:
        kept.insert(2 if kept[1][1] == 0xE0 else 1, _exif(orientation))
    return b"".join(kept)


def _is_kept(marker: int, segment: bytes) -> bool:
    """Whether a segment is needed to draw the picture."""
    if 0xE0 <= marker <= 0xEF:
        return marker in KEPT_APPS and segment[4:].startswith(KEPT_APPS[marker])
    return marker != COMMENT


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment begins after compressed data, in which 0xFF is followed by 0 or a restart marker."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Broken("the file ends too early")
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def orientation_of(tiff: bytes) -> int:
    """Which side of the picture is up, 1 to 8, as its Exif data says; 1 when it does not."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack(f"{order}I", tiff[4:8])
        (entries,) = struct.unpack(f"{order}H", tiff[start : start + 2])
        for n in range(entries):
            entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
            tag, kind = struct.unpack(f"{order}HH", entry[:4])
            if tag == ORIENTATION and kind == 3:
                (value,) = struct.unpack(f"{order}H", entry[8:10])
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _exif(orientation: int) -> bytes:
    """An Exif segment of a JPEG that says which side is up, and nothing else."""
    body = b"Exif\0\0" + _tiff(orientation)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _tiff(orientation: int) -> bytes:
    """Exif data with one entry: which side is up."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)


def _png(content: bytes) -> Iterator[bytes]:
    at = 8
    is_turned = False
    while True:
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise Broken("the file ends too early")
        at += len(chunk)
        if chunk[4:8] in PNG_KEPT:
            yield chunk
        elif chunk[4:8] == b"eXIf" and not is_turned:
            orientation = orientation_of(chunk[8:-4])
            is_turned = orientation != 1
            if is_turned:
                body = b"eXIf" + _tiff(orientation)
                yield struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        if chunk[4:8] == b"IEND":
            return


def _webp(content: bytes) -> bytes:
    (size,) = struct.unpack("<I", content[4:8])
    end = min(len(content), 8 + size)
    kept = []
    orientation = 1
    at = 12
    while at + 8 <= end:
        (length,) = struct.unpack("<I", content[at + 4 : at + 8])
        chunk = content[at : at + 8 + length + length % 2]
        at += 8 + length + length % 2
        if chunk[:4] == b"EXIF" and orientation == 1:
            orientation = orientation_of(chunk[8:].removeprefix(b"Exif\0\0"))
        if chunk[:4] not in WEBP_DROPPED:
            kept.append(chunk)
    if kept and kept[0][:4] == b"VP8X":  # only such a file may hold Exif data
        flags = kept[0][8] & ~(WEBP_EXIF | WEBP_XMP)
        if orientation != 1:
            flags |= WEBP_EXIF
            kept.append(b"EXIF" + struct.pack("<I", len(_tiff(orientation))) + _tiff(orientation))
        kept[0] = kept[0][:8] + bytes([flags]) + kept[0][9:]
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
