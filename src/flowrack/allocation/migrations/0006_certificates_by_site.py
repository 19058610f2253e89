"""A command that promises stock at several sites keeps a certificate for each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation", "0005_rules_policy")]

    operations = [
        migrations.AlterField(
            model_name="certificate",
            name="command_id",
            field=models.BigIntegerField(help_text="the command record; decisions name it"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="id",
            field=models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("command_id", "site_id"), name="allocation_certificate_once"),
        ),
    ]
