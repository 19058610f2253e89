from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import BO, FAY, ctx, signed_in
from tests.supply import item

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import AddPhoto
from flowrack.platform import photos
from flowrack.platform.tests.test_photos import png
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
PNG = png(4, 3)
HUGE = b"\xff\xd8\xff" + b"\0" * (50 * 2**20 - 3)


@pytest.fixture
def opened(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    return latest()


def test_a_picture_that_was_sent_is_kept_once(opened):
    digest = photos.save(PNG).digest
    first = commands.add_photo(ctx(FAY), AddPhoto(opened, digest, "crushed.png", "two crushed cases"))
    assert commands.add_photo(ctx(FAY), AddPhoto(opened, digest)) == first
    [kept] = queries.photos_of(opened)
    assert (kept.filename, kept.note, kept.taken_by) == ("crushed.png", "two crushed cases", "Fay Inspector")


def test_a_picture_that_nobody_sent_and_a_stranger_are_refused(opened):
    with pytest.raises(photos.PhotoRefused):
        commands.add_photo(ctx(FAY), AddPhoto(opened, "0" * 64))
    with pytest.raises(NotPermitted):
        commands.add_photo(ctx(BO), AddPhoto(opened, photos.save(PNG).digest))
    assert queries.photos_of(opened) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.jpg", b"<html>not a picture</html>", "“notes.jpg”: This file is no picture."),
        (
            "huge.jpg",
            b"\xff\xd8\xff" + b"\0" * (50 * 2**20 - 3),
            "“huge.jpg”: The picture has 50 MB; 10 MB is the most.",
        ),
    ],
    ids=["no picture", "too large"],  # else 50 MB of content are the name of the test
)
def test_the_page_refuses_a_bad_file_by_its_name(opened, name, content, said):
    answer = signed_in(FAY).post(f"/inspections/{opened}/photos", {"photo": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert queries.photos_of(opened) == []
