"""An LPN stands at one location at a time."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "lpns.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_append_only_by_grant")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
