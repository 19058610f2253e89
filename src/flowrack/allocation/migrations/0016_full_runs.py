import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0015_exceptions_by_calendar"),
        ("locations", "0005_beams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OptimumGap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule_set_id",
                    models.BigIntegerField(db_default=0, default=0, help_text="the version looked at, 0 = shipped"),
                ),
                ("job_id", models.BigIntegerField(db_default=0, default=0)),
                ("asked_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(null=True)),
                ("lines", models.IntegerField(db_default=0, default=0)),
                (
                    "reached",
                    models.BigIntegerField(db_default=0, default=0, help_text="cents; tier B twice, tier A four times"),
                ),
                ("best", models.BigIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RunAim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_id", models.BigIntegerField()),
                ("units", flowrack.platform.fields.UnitsField()),
            ],
        ),
        migrations.CreateModel(
            name="RunPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.IntegerField()),
                ("lines", models.IntegerField()),
                ("programs", models.IntegerField()),
                (
                    "unsolved",
                    models.IntegerField(help_text="for which the time did not suffice: there the rank decides"),
                ),
                ("worth_by_rank", models.BigIntegerField(help_text="cents; tier B twice, tier A four times")),
                ("worth", models.BigIntegerField()),
                ("found_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="full_runs",
            field=models.CharField(
                db_default="rank",
                default="rank",
                help_text="best = by the best total value a solver finds",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="solver_seconds",
            field=models.IntegerField(db_default=30, default=30, help_text="for each part of a full run"),
        ),
        migrations.AddConstraint(
            model_name="rulesetversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("full_runs__in", ("rank", "best")), ("solver_seconds__gte", 1), ("solver_seconds__lte", 600)
                ),
                name="allocation_rules_full_runs_known",
            ),
        ),
        migrations.AddField(
            model_name="optimumgap",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="optimumgap",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="allocation.run",
            ),
        ),
        migrations.AddField(
            model_name="optimumgap",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.site",
            ),
        ),
        migrations.AddField(
            model_name="runaim",
            name="run",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="allocation.run"
            ),
        ),
        migrations.AddField(
            model_name="runplan",
            name="run",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="allocation.run"
            ),
        ),
        migrations.AddField(
            model_name="runplan",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="locations.site"
            ),
        ),
        migrations.AddIndex(
            model_name="optimumgap",
            index=models.Index(
                condition=models.Q(("run__isnull", False)), fields=["run", "-id"], name="allocation_gap_of_run"
            ),
        ),
        migrations.AddIndex(
            model_name="optimumgap",
            index=models.Index(
                condition=models.Q(("run", None)), fields=["rule_set_id", "-id"], name="allocation_gap_of_rules"
            ),
        ),
        migrations.AddConstraint(
            model_name="optimumgap",
            constraint=models.CheckConstraint(
                condition=models.Q(("run__isnull", False), ("site__isnull", False), _connector="OR"),
                name="allocation_gap_of_run_or_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="runaim",
            constraint=models.UniqueConstraint(fields=("run", "line_id"), name="allocation_run_aim_once"),
        ),
        migrations.AddConstraint(
            model_name="runaim",
            constraint=models.CheckConstraint(condition=models.Q(("units__gte", 0)), name="allocation_run_aim_units"),
        ),
        migrations.AddConstraint(
            model_name="runplan",
            constraint=models.UniqueConstraint(fields=("run", "part", "site"), name="allocation_run_plan_once"),
        ),
        migrations.AddConstraint(
            model_name="runplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("worth__gte", models.F("worth_by_rank"))), name="allocation_run_plan_no_worse"
            ),
        ),
    ]
