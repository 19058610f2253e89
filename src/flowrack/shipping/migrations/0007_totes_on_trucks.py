from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0006_notices_as_edi")]

    operations = [
        migrations.AddField(
            model_name="loadrules",
            name="takes_totes",
            field=models.BooleanField(db_default=False, default=False, help_text="picking totes leave without cartons"),
        ),
    ]
