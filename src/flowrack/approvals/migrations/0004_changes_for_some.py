"""A line of before and after may be for who holds a permission, and is as long as the words of a rule."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_every_site")]

    operations = [
        migrations.AddField(
            model_name="requestchange",
            name="needs",
            field=models.CharField(default="", help_text="permission without which nobody sees it", max_length=60),
        ),
        migrations.AlterField(model_name="requestchange", name="before", field=models.CharField(max_length=200)),
        migrations.AlterField(model_name="requestchange", name="after", field=models.CharField(max_length=200)),
    ]
