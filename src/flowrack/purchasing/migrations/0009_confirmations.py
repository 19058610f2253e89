"""What suppliers confirmed, what is accepted by itself, and what was sent to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields

# Records: of a confirmed line only what became of it is added.
FORWARD = """
CREATE FUNCTION purchasing_confirmation_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a record: it is never rewritten', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'confirmation_is_kept';
END $$;
CREATE TRIGGER confirmation_is_kept BEFORE UPDATE OR DELETE ON purchasing_confirmation
    FOR EACH ROW EXECUTE FUNCTION purchasing_confirmation_is_kept();
CREATE TRIGGER confirmation_is_kept BEFORE UPDATE OR DELETE ON purchasing_posent
    FOR EACH ROW EXECUTE FUNCTION purchasing_confirmation_is_kept();
CREATE TRIGGER confirmation_is_kept BEFORE UPDATE OR DELETE ON purchasing_confirmationtolerancerow
    FOR EACH ROW EXECUTE FUNCTION purchasing_confirmation_is_kept();
CREATE TRIGGER confirmation_is_kept BEFORE DELETE ON purchasing_confirmationline
    FOR EACH ROW EXECUTE FUNCTION purchasing_confirmation_is_kept();
CREATE TRIGGER confirmation_says_what_it_said
    BEFORE UPDATE OF confirmation_id, po_line_id, units, confirmed_on, unit_cost, reference, asked_units, asked_on,
        asked_cost, days_late, units_cut, price_up_pct ON purchasing_confirmationline
    FOR EACH ROW EXECUTE FUNCTION purchasing_confirmation_is_kept();
"""
BACK = """
DROP TRIGGER confirmation_says_what_it_said ON purchasing_confirmationline;
DROP TRIGGER confirmation_is_kept ON purchasing_confirmationline;
DROP TRIGGER confirmation_is_kept ON purchasing_confirmationtolerancerow;
DROP TRIGGER confirmation_is_kept ON purchasing_posent;
DROP TRIGGER confirmation_is_kept ON purchasing_confirmation;
DROP FUNCTION purchasing_confirmation_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_party_names"),
        ("purchasing", "0008_requisition_policy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(blank=True, default="", help_text="the supplier's own", max_length=80)),
                ("note", models.CharField(blank=True, default="", max_length=400)),
                ("recorded_at", models.DateTimeField()),
                (
                    "po",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="confirmations", to="purchasing.po"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConfirmationLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", flowrack.platform.fields.UnitsField()),
                ("confirmed_on", models.DateField()),
                ("unit_cost", flowrack.platform.fields.UnitCostField(decimal_places=6, max_digits=20)),
                ("reference", models.CharField(blank=True, default="", max_length=80)),
                ("asked_units", flowrack.platform.fields.UnitsField()),
                ("asked_on", models.DateField()),
                ("asked_cost", flowrack.platform.fields.UnitCostField(decimal_places=6, max_digits=20)),
                ("days_late", models.IntegerField(help_text="against the day asked for; negative is early")),
                ("units_cut", flowrack.platform.fields.UnitsField(help_text="negative is more than asked for")),
                ("price_up_pct", models.DecimalField(decimal_places=1, max_digits=9, null=True)),
                ("state", models.CharField(max_length=12)),
                ("reason", models.CharField(help_text="why it was accepted by itself, or waits", max_length=400)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.CharField(default="", max_length=200)),
                (
                    "confirmation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="purchasing.confirmation"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "po_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purchasing.poline"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        help_text="that it made",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purchasing.poversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["po_line"], name="confirmation_line_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("confirmation", "po_line"), name="confirmation_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["as_ordered", "accepted", "open", "refused", "asked_again", "replaced"])
                        ),
                        name="confirmation_line_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_cost__gte", 0), ("units__gte", 0)), name="confirmation_line_sensible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmation_line_decided_says_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConfirmationToleranceRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("late_days", models.IntegerField()),
                ("early_days", models.IntegerField()),
                ("cut_pct", models.DecimalField(decimal_places=2, max_digits=5)),
                ("price_up_pct", models.DecimalField(decimal_places=2, max_digits=5)),
                ("price_up_amount", flowrack.platform.fields.MoneyField(decimal_places=4, max_digits=20)),
                ("confirm_within_days", models.IntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("set_at", models.DateTimeField()),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["supplier", "-id"], name="confirmation_tolerance_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirm_within_days__gte", 0),
                            ("cut_pct__gte", 0),
                            ("cut_pct__lte", 100),
                            ("early_days__gte", 0),
                            ("late_days__gte", 0),
                            ("price_up_amount__gte", 0),
                            ("price_up_pct__gte", 0),
                        ),
                        name="confirmation_tolerance_sensible",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PoSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("means", models.CharField(max_length=10)),
                ("sent_to", models.CharField(blank=True, default="", max_length=200)),
                ("sent_at", models.DateTimeField()),
                (
                    "sent_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sent", to="purchasing.poversion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("means__in", ["email", "download", "portal", "phone", "post"])),
                        name="po_sent_means_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
