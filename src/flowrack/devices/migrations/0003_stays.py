"""Where a device was when: its stays, and the site of each entry of its journal."""

import django.db.models.deletion
from django.db import migrations, models

STAYS = """
INSERT INTO devices_devicestay (device_id, site_id, since)
SELECT id, site_id, coalesce(approved_at, asked_at) FROM devices_device WHERE site_id IS NOT NULL
"""
ENTRIES = """
UPDATE devices_journalentry e SET site_id = d.site_id FROM devices_device d WHERE d.id = e.device_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0002_asked_from"),
        ("locations", "0005_beams"),
    ]

    operations = [
        migrations.AddField(
            model_name="journalentry",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                help_text="where the device was when it was done",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.site",
            ),
        ),
        migrations.CreateModel(
            name="DeviceStay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="devices.device"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.site",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("device", "since"), name="device_stay_once")],
            },
        ),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
        migrations.RunSQL(ENTRIES, migrations.RunSQL.noop),
    ]
