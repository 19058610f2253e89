"""The packing slip that every house begins with."""

from dataclasses import asdict
from datetime import UTC, datetime

from django.db import migrations

from flowrack.labels.house import slip_spec

SHIPPED_AT = datetime(2020, 1, 1, tzinfo=UTC)
OF_VERSION = ("name", "width_mm", "height_mm", "dpi", "copies", "placement", "is_scanned", "valid_from", "valid_until")


def write(apps, schema_editor):
    spec, version, element = (
        apps.get_model("labels", name) for name in ("LabelSpec", "LabelSpecVersion", "LabelElement")
    )
    one = slip_spec()
    if spec.objects.filter(code=one.code).exists():
        return
    first = version.objects.create(
        spec=spec.objects.create(code=one.code, kind=one.kind),
        number=1,
        state="approved",
        drafted_at=SHIPPED_AT,
        approved_at=SHIPPED_AT,
        **{name: getattr(one, name) for name in OF_VERSION},
    )
    element.objects.bulk_create(
        element(version=first, number=n, **asdict(each)) for n, each in enumerate(one.elements, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("labels", "0003_slips")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
