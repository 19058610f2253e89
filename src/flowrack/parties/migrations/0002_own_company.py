"""Row 1 of the parties is our own company: the owner of the stock unless another is named."""

from django.db import migrations

OWN = """
INSERT INTO parties_party (id, code, name, is_owner) VALUES (1, 'OWN', 'Our company', true) ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('parties_party', 'id'), GREATEST(1, (SELECT max(id) FROM parties_party)));
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [migrations.RunSQL(OWN, "DELETE FROM parties_party WHERE id = 1")]
