"""Number sequences, an index for the outbox that reads in order, and the append-only guard of the audit trail."""

from django.db import migrations, models

NEXT_NUMBERS = """
CREATE FUNCTION platform_next_numbers(prefix text, how_many integer) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
DECLARE
    sequence_name text := 'platform_number_' || lower(prefix);
BEGIN
    IF prefix !~ '^[A-Z][A-Z0-9]{0,11}$' THEN
        RAISE EXCEPTION 'a number prefix is up to 12 capital letters or digits, not "%"', prefix;
    END IF;
    IF to_regclass(sequence_name) IS NULL THEN
        -- two first users of a prefix: the second waits here and then finds the sequence made
        PERFORM pg_advisory_xact_lock(hashtext('platform_next_numbers'), hashtext(prefix));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I START 1001', sequence_name);
    END IF;
    RETURN QUERY EXECUTE format('SELECT nextval(%L::regclass) FROM generate_series(1, $1)', sequence_name)
    USING how_many;
END $$;
"""

KNOWN_PREFIXES = ["PO", "GRN", "SO", "WAVE", "SHP", "RMA", "CNT", "ADJ", "TRF"]

APPEND_ONLY = """
CREATE FUNCTION platform_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: the audit trail is never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- A command record is completed once, by its own transaction, with its answer; after that nothing may change.
CREATE FUNCTION platform_guard_commandrecord() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.result IS NOT NULL OR ROW(NEW.id, NEW.actor_id, NEW.key, NEW.command, NEW.fingerprint, NEW.occurred_at,
           NEW.recorded_at) IS DISTINCT FROM ROW(OLD.id, OLD.actor_id, OLD.key, OLD.command, OLD.fingerprint,
           OLD.occurred_at, OLD.recorded_at) THEN
        RAISE EXCEPTION 'platform_commandrecord is append-only: the audit trail is never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER commandrecord_no_change BEFORE UPDATE ON platform_commandrecord
    FOR EACH ROW EXECUTE FUNCTION platform_guard_commandrecord();
CREATE TRIGGER commandrecord_no_delete BEFORE DELETE ON platform_commandrecord
    FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER refusal_no_change BEFORE UPDATE OR DELETE ON platform_refusal
    FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER decision_no_change BEFORE UPDATE OR DELETE ON platform_decision
    FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER seal_no_change BEFORE UPDATE OR DELETE ON platform_seal
    FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
"""

DROP_APPEND_ONLY = """
DROP TRIGGER seal_no_change ON platform_seal;
DROP TRIGGER decision_no_change ON platform_decision;
DROP TRIGGER refusal_no_change ON platform_refusal;
DROP TRIGGER commandrecord_no_delete ON platform_commandrecord;
DROP TRIGGER commandrecord_no_change ON platform_commandrecord;
DROP FUNCTION platform_guard_commandrecord();
DROP FUNCTION platform_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]

    operations = [
        migrations.RunSQL(NEXT_NUMBERS, "DROP FUNCTION platform_next_numbers(text, integer)"),
        *(
            migrations.RunSQL(
                f"CREATE SEQUENCE IF NOT EXISTS platform_number_{prefix.lower()} START 1001",
                f"DROP SEQUENCE IF EXISTS platform_number_{prefix.lower()}",
            )
            for prefix in KNOWN_PREFIXES
        ),
        migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY),
        migrations.AddField(model_name="outboxevent", name="last_error", field=models.TextField(db_default="")),
        migrations.RemoveIndex(model_name="outboxevent", name="outbox_open"),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(name="outbox_open", fields=["id"], condition=models.Q(done_at=None, parked_reason="")),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                name="outbox_parked", fields=["id"], condition=models.Q(done_at=None) & ~models.Q(parked_reason="")
            ),
        ),
    ]
