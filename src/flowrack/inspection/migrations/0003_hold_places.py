"""Where the units of each hold stand: a hold goes along when its stock is moved."""

import django.db.models.deletion
from django.db import migrations, models

import flowrack.platform.fields

FIRST_PLACES = """
    INSERT INTO inspection_holdplace (hold_id, location_id, lpn_id, units)
    SELECT id, location_id, lpn_id, left_units FROM inspection_hold WHERE closed_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inspection", "0002_releases"),
        ("locations", "0005_beams"),
    ]

    operations = [
        migrations.CreateModel(
            name="HoldPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", flowrack.platform.fields.UnitsField()),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="places", to="inspection.hold"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.location",
                    ),
                ),
                (
                    "lpn",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.lpn",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("hold", "location", "lpn"), name="hold_place_once"),
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="hold_place_units_positive"),
                ],
            },
        ),
        migrations.RunSQL(FIRST_PLACES, migrations.RunSQL.noop),
    ]
