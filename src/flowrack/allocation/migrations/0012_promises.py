from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation", "0011_trials")]

    operations = [
        migrations.AddField(
            model_name="rulesetversion",
            name="promises",
            field=models.CharField(
                db_default="keep",
                default="keep",
                help_text="keep = promised days are kept where they can be",
                max_length=4,
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("promises__in", ("keep", "rank"))), name="allocation_rules_promises_known"
            ),
        ),
    ]
