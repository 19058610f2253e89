"""Installs the kernel's functions and the append-only guards from ledger/sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in ("post", "pools", "claims", "cost", "reverse", "guards"):
            cursor.execute((SQL / f"{name}.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
