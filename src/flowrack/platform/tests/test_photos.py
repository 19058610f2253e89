"""Photos: what is a picture, how large it may be, who sees it."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import BO, EVE, bearer, signed_in

from flowrack.platform import photos, pictures
from flowrack.platform.photos import PhotoRefused
from flowrack.shared.errors import NotFound


def png(width: int = 3, height: int = 2) -> bytes:
    """A whole, grey PNG picture (of that size in its head; its rows are real only for small ones)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height if height < 100 else 1)))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080030004001011100ffd9")
SCAN = bytes.fromhex("ffda0008010100003f00") + b"\x12\xff\0\x34\xff\xd0\x56"  # compressed data with a restart in it
WEBP = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.fixture
def home(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_type_and_size_come_from_the_bytes():
    assert [(p.content_type, p.width, p.height) for p in map(photos.read, (png(), JPEG, WEBP))] == [
        ("image/png", 3, 2),
        ("image/jpeg", 64, 48),
        ("image/webp", 640, 480),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg onload='x'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        JPEG[:20],
        b"\xff\xd8" + b"\xff" * 99,
        png()[:20],
    ],
)
def test_what_is_no_picture_is_refused(content, home):
    with pytest.raises(PhotoRefused) as refused:
        photos.save(content)
    assert refused.value.message == "This file is no picture."
    assert list(home.iterdir()) == []


def test_a_picture_is_kept_once_under_its_digest(home):
    first = photos.save(png())
    assert photos.save(png()) == first == photos.find(first.digest)
    assert [p.name for p in home.rglob("*") if p.is_file()] == [first.digest]
    assert photos.missing([first.digest, "0" * 64, "../secret-key"]) == ["0" * 64, "../secret-key"]


def test_bytes_and_pixels_have_a_limit(home):
    with pytest.raises(PhotoRefused) as refused:
        photos.save_upload(SimpleUploadedFile("big.png", b"\0" * (50 * 2**20)))
    assert refused.value.message == "The picture has 50 MB; 10 MB is the most."
    for width, height in ((12_001, 1), (9_000, 9_000), (0, 5)):
        with pytest.raises(PhotoRefused, match=f"{width} x {height} pixels"):
            photos.save(png(width, height))


@pytest.mark.django_db
def test_it_is_sent_over_the_api_and_seen_by_those_who_may(home):
    key = {"Idempotency-Key": "k"}
    upload = SimpleUploadedFile("crushed.html", png(), content_type="text/html")
    answer = signed_in(BO).post("/api/v1/photos", {"file": upload}, headers={**bearer(BO), **key})
    assert answer.status_code == 200, answer.content
    url = f"/photos/{answer.json()['digest']}"
    shown = signed_in(BO).get(url)
    assert (shown.status_code, shown["Content-Type"], shown.content) == (200, "image/png", png())
    assert signed_in(EVE).get(url).status_code == 403
    assert signed_in(BO).get("/photos/" + "0" * 64).status_code == 404
    with pytest.raises(NotFound):
        photos.path_of("../../secret-key")


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int) -> bytes:
    """As a phone writes it: little-endian, the orientation between the maker's name and the place."""
    entries = [(0x010F, 2, 4, b"ACME"), (0x0112, 3, 1, struct.pack("<HH", orientation, 0)), (0x8825, 4, 1, b"GPS!")]
    tiff = b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(struct.pack("<HHI4s", *e) for e in entries)
    return segment(0xE1, b"Exif\0\0" + tiff + bytes(4))


HEAD, FRAME = JPEG[:20], JPEG[20:-2]


@pytest.mark.parametrize("up", [1, 6])
def test_where_and_by_whom_a_photo_was_taken_is_not_kept_but_which_side_is_up(home, up):
    told = ((0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS"), (0xED, b"Photoshop 3.0"), (0xE2, b"MPF\0GPS"), (0xFE, b"Bo"))
    comments = b"".join(segment(marker, body) for marker, body in told)
    hidden = JPEG + b"a second picture with GPS"
    kept = photos.save(HEAD + exif(up) + comments + FRAME + SCAN + b"\xff\xd9" + hidden)
    content = photos.path_of(kept.digest).read_bytes()
    turned = bytes.fromhex("ffe1002245786966000 04d4d002a00000008000101120003000000010006000000000000".replace(" ", ""))
    assert content == HEAD + (turned if up == 6 else b"") + FRAME + SCAN + b"\xff\xd9"
    assert (kept.width, kept.height) == (64, 48)
    assert photos.save(content) == kept, "cleaning it again changes nothing"


def test_texts_in_a_png_and_in_a_webp_go_and_the_picture_stays(home):
    whole = png()
    text = struct.pack(">I", 8) + b"tEXt" + b"GPS\0here" + struct.pack(">I", zlib.crc32(b"tEXtGPS\0here"))
    assert photos.path_of(photos.save(whole[:33] + text + whole[33:] + b"more").digest).read_bytes() == whole
    body = b"WEBPVP8X\x0a\0\0\0\x0c\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
    body += b"VP8 \x02\0\0\0ab" + b"EXIF\x03\0\0\0GPS\0" + b"XMP \x02\0\0\0me"
    kept = photos.path_of(photos.save(b"RIFF" + struct.pack("<I", len(body)) + body).digest).read_bytes()
    assert kept[8:] == b"WEBPVP8X\x0a\0\0\0\0\0\0\0" + body[16:22] + b"VP8 \x02\0\0\0ab"
    assert struct.unpack("<I", kept[4:8]) == (len(kept) - 8,)


@pytest.mark.parametrize("broken", [HEAD + FRAME + SCAN, HEAD + FRAME + exif(1)[:9], png()[:-14]])
def test_a_picture_of_which_a_part_is_missing_is_refused(home, broken):
    with pytest.raises(PhotoRefused) as refused:
        photos.save(broken)
    assert refused.value.message == "The picture is broken: a part of the file is missing."
    assert list(home.iterdir()) == []


TURNED = bytes.fromhex("4d4d002a00000008000101120003000000010006000000000000")  # orientation 6, nothing else


@pytest.mark.parametrize("up", [1, 6])
def test_which_side_of_a_png_and_a_webp_is_up_is_kept_and_nothing_else(up):
    def chunk(tiff: bytes) -> bytes:
        return struct.pack(">I", len(tiff)) + b"eXIf" + tiff + struct.pack(">I", zlib.crc32(b"eXIf" + tiff))

    told = exif(up)[10:]
    head, rows = png()[:33], png()[33:]
    cleaned = pictures.clean(head + chunk(told) + rows)
    assert cleaned == head + (chunk(TURNED) if up == 6 else b"") + rows
    assert pictures.clean(cleaned) == cleaned

    def webp(flags: int, *chunks: tuple[bytes, bytes]) -> bytes:
        body = WEBP[8:20] + bytes([flags]) + WEBP[21:]
        body += b"".join(kind + struct.pack("<I", len(data)) + data for kind, data in chunks)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    pixels = (b"VP8 ", b"\x01\x02")
    cleaned = pictures.clean(webp(0x1C, pixels, (b"EXIF", told), (b"XMP ", b"GPS!")))
    assert cleaned == (webp(0x18, pixels, (b"EXIF", TURNED)) if up == 6 else webp(0x10, pixels))
    assert pictures.clean(cleaned) == cleaned
