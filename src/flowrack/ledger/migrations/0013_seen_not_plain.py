"""A long batch with two lines on one cell is seen not to be plain before its cells are looked up and made."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "plain.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_promises_at_the_commit")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
