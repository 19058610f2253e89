"""Policies and verdicts are append-only; a request keeps its content; a verdict must be possible."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION approvals_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_append_only';
END $$;
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_policy
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_policycondition
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_policystep
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_verdict
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_requestfact
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON approvals_requestchange
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_request_keeps_content
    BEFORE UPDATE OF kind, subject, amount, content, content_hash, requester_id, barred_ids ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();
CREATE TRIGGER approvals_request_is_kept BEFORE DELETE ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_is_append_only();

CREATE FUNCTION approvals_verdict_is_possible() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked approvals_request;
BEGIN
    SELECT * INTO asked FROM approvals_request WHERE id = NEW.request_id;
    IF asked.state <> 'waiting' OR asked.content_hash <> NEW.content_hash
       OR NEW.given_by_id = ANY(asked.barred_ids) OR NEW.given_for_id = ANY(asked.barred_ids) THEN
        RAISE EXCEPTION 'request % takes no such verdict', NEW.request_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_verdict_possible';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_verdict_possible BEFORE INSERT ON approvals_verdict
    FOR EACH ROW EXECUTE FUNCTION approvals_verdict_is_possible();
"""

BACK = """
DROP TRIGGER approvals_verdict_possible ON approvals_verdict;
DROP FUNCTION approvals_verdict_is_possible();
DROP TRIGGER approvals_request_is_kept ON approvals_request;
DROP TRIGGER approvals_request_keeps_content ON approvals_request;
DROP TRIGGER approvals_append_only ON approvals_requestchange;
DROP TRIGGER approvals_append_only ON approvals_requestfact;
DROP TRIGGER approvals_append_only ON approvals_verdict;
DROP TRIGGER approvals_append_only ON approvals_policystep;
DROP TRIGGER approvals_append_only ON approvals_policycondition;
DROP TRIGGER approvals_append_only ON approvals_policy;
DROP FUNCTION approvals_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
