import pytest
from tests.cast import BO, DI, ctx
from tests.supply import house, supplier

from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound.types_discrepancies import AddPhotos, RecordDiscrepancy
from flowrack.platform import sql
from flowrack.platform.photos import PhotoRefused, save
from flowrack.platform.tests.test_photos import JPEG, png
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db


def test_pictures_are_added_once_and_only_those_that_are_kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    req = RecordDiscrepancy(house().site, supplier(), "unreadable", "Label torn off")
    one = commands.record_discrepancy(ctx(BO), req).discrepancy_id
    first, second = save(png()).digest, save(JPEG).digest
    assert commands.add_photos(ctx(BO), AddPhotos(one, (first,))).count == 1
    assert commands.add_photos(ctx(BO), AddPhotos(one, (second, first, second))).count == 2
    for kind, wrong, by in (
        (PhotoRefused, AddPhotos(one, ("0" * 64,)), BO),
        (NotFound, AddPhotos(999_999, (first,)), BO),
        (NotPermitted, AddPhotos(one, (first,)), DI),
    ):
        with pytest.raises(kind):
            commands.add_photos(ctx(by), wrong)
    assert sql.fetch_value("SELECT photos FROM inbound_discrepancy") == [first, second]
