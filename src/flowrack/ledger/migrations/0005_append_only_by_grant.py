"""Moves and postings cannot be changed by the application's role; see the platform's migration."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_master_data_without_keys"), ("platform", "0006_append_only_by_grant")]
    operations = [migrations.RunSQL("SELECT platform_keep_append_only()", migrations.RunSQL.noop)]
