"""The count policies to start from: A monthly, B quarterly, C twice a year."""

from django.db import migrations

INSERT = """
INSERT INTO counting_countpolicy
       (velocity, every_days, tolerance_percent, tolerance_value, first_limit, second_limit, is_auto, needs_recount)
VALUES ('A', 30, 1, 50, 500, 5000, false, true),
       ('B', 90, 1, 50, 500, 5000, true, true),
       ('C', 180, 1, 50, 500, 5000, true, true)
"""


class Migration(migrations.Migration):
    dependencies = [("counting", "0001_initial")]

    operations = [migrations.RunSQL(INSERT, "DELETE FROM counting_countpolicy")]
