"""Leave whoever appends no choice about when and where an event stands, nor two stories in one.

The columns that people search by have to say what the hashed body says. The moment of recording,
the transaction and the position are the database's, whatever an INSERT names.
"""

from django.db import migrations

SAYS_THE_SAME = """
    (convert_from(body, 'UTF8')::json ->> 'event_id') = id::text
    AND (convert_from(body, 'UTF8')::json ->> 'tenant_id') = tenant_id::text
    AND (convert_from(body, 'UTF8')::json ->> 'actor') = actor
    AND (convert_from(body, 'UTF8')::json ->> 'action') = action
    AND (convert_from(body, 'UTF8')::json #>> '{target,type}') = target_type
    AND (convert_from(body, 'UTF8')::json #>> '{target,id}') = target_id
    AND (convert_from(body, 'UTF8')::json ->> 'at')::timestamptz = at
"""
STAMP = f"""
ALTER TABLE ledger_event ADD CONSTRAINT says_what_body_says CHECK (({SAYS_THE_SAME}) IS TRUE);
CREATE FUNCTION ledger_event_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.eid IS DISTINCT FROM currval(pg_get_serial_sequence('ledger_event', 'eid')) THEN
        RAISE EXCEPTION 'ledger_event: a position is given, not chosen' USING ERRCODE = '55000';
    END IF;
    NEW.recorded_at := statement_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_event_stamped BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_stamp();
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_stamped;
"""
UNSTAMP = """
DROP TRIGGER ledger_event_stamped ON ledger_event;
DROP FUNCTION ledger_event_stamp();
ALTER TABLE ledger_event DROP CONSTRAINT says_what_body_says;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(STAMP, UNSTAMP)]
