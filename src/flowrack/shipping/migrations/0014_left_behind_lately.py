"""The list of what stayed behind finds what stayed lately by its time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0013_called_off_too_late")]

    operations = [
        migrations.AddIndex(
            model_name="loadbehind", index=models.Index(fields=["stayed_at"], name="load_behind_lately")
        ),
    ]
