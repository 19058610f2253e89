"""A return to a supplier takes what is left of its receipt's layer, and the rest from the oldest."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "cost.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_one_place_per_lpn")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
