from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0018_sites"),
    ]

    operations = [
        migrations.AddField(
            model_name="ruleclass",
            name="life_days",
            field=models.IntegerField(help_text="remaining life that its goods have at least", null=True),
        ),
    ]
