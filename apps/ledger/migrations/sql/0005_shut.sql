CREATE INDEX ledger_by_time ON ledger_event (tenant_id, at DESC, id DESC);
CREATE INDEX ledger_by_target ON ledger_event (tenant_id, target_id, at);
CREATE INDEX ledger_by_actor ON ledger_event (tenant_id, actor, at DESC);
CREATE INDEX ledger_by_action ON ledger_event (tenant_id, action, at DESC);
CREATE INDEX ledger_by_request ON ledger_event (tenant_id, request_id)
    WHERE request_id IS NOT NULL;
CREATE INDEX ledger_by_eid ON ledger_event (eid);

-- Whoever inserts, and however: the columns say what the body says, the position is given.

-- Whether an event of that id tells of the same act, whenever and through whichever request and
-- process it was tried again. Raises BW001 when it tells of another.
CREATE FUNCTION ledger_is_known(tenant uuid, said jsonb) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    aside text[] := '{v,at,request,source}';
    known bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(tenant::text || (said ->> 'event_id'), 0));
    SELECT e.body INTO known FROM public.ledger_event e
        WHERE e.tenant_id = tenant AND e.id = (said ->> 'event_id')::uuid;
    IF known IS NOT NULL
        AND convert_from(known, 'UTF8')::jsonb - aside IS DISTINCT FROM said - aside
    THEN
        RAISE EXCEPTION 'a ledger event of this id tells of another act' USING ERRCODE = 'BW001';
    END IF;
    RETURN known IS NOT NULL;
END $$;

CREATE FUNCTION ledger_month_begins(about timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.date_trunc('month', about OPERATOR(pg_catalog.-) '2 hours'::interval, 'UTC')
        OPERATOR(pg_catalog.<>)
        pg_catalog.date_trunc('month', about OPERATOR(pg_catalog.+) '2 hours'::interval, 'UTC')
$$;

-- Ids made here carry their moment (RFC 9562, version 7). One that is less than an hour old can only
-- have been recorded in this month, whose index tells, unless a month begins about now. Any other
-- id is looked up in all months, under a lock on that id alone.
--
-- No `SET search_path` here: it would cost as much as the rest, and `ledger_append` has set it.
-- Operators that decide are written out for whoever inserts past it.
CREATE FUNCTION ledger_event_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said jsonb := pg_catalog.convert_from(NEW.body, 'UTF8')::pg_catalog.jsonb;
    name text := pg_catalog.jsonb_object_field_text(said, 'event_id');
    age double precision;  -- of the id, in ms
BEGIN
    IF pg_catalog.jsonb_object_field_text(said, 'tenant_id') OPERATOR(pg_catalog.=)
            NEW.tenant_id::pg_catalog.text
        AND NEW.recorded_at OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp()
        AND pg_catalog.jsonb_object_field_text(said, 'v') OPERATOR(pg_catalog.=) '2'
    THEN
        NEW.id := name;
        NEW.action := pg_catalog.jsonb_object_field_text(said, 'action');
        NEW.actor := pg_catalog.jsonb_object_field_text(said, 'actor');
        NEW.target_type := pg_catalog.jsonb_extract_path_text(said, 'target', 'type');
        NEW.target_id := pg_catalog.jsonb_extract_path_text(said, 'target', 'id');
        NEW.at := pg_catalog.jsonb_object_field_text(said, 'at');
        NEW.request_id := pg_catalog.jsonb_object_field_text(said, 'request');
        NEW.source_id := pg_catalog.jsonb_extract_path_text(said, 'source', 'id');
        NEW.source_seq := pg_catalog.jsonb_extract_path_text(said, 'source', 'seq');
    ELSE
        RAISE EXCEPTION 'ledger_event: tenant, moment and version are given, not chosen'
            USING ERRCODE = '55000';
    END IF;
    IF (NEW.source_id IS NOT NULL AND NEW.source_seq OPERATOR(pg_catalog.>) 0) IS NOT TRUE THEN
        RAISE EXCEPTION 'ledger_event: an event names its source and its number there'
            USING ERRCODE = '22023';
    END IF;
    IF pg_catalog.substr(name, 15, 1) OPERATOR(pg_catalog.=) '7' THEN
        age := pg_catalog.date_part('epoch', NEW.recorded_at) OPERATOR(pg_catalog.*) 1000
            OPERATOR(pg_catalog.-) ('x' OPERATOR(pg_catalog.||) pg_catalog.substr(name, 1, 8)
                OPERATOR(pg_catalog.||) pg_catalog.substr(name, 10, 4))::bit(48)::bigint;
    END IF;
    IF (age OPERATOR(pg_catalog.>) 3600000 OR age OPERATOR(pg_catalog.<) -3600000
        OR public.ledger_month_begins(NEW.recorded_at)) IS NOT FALSE
        AND public.ledger_is_known(NEW.tenant_id, said)
    THEN
        RETURN NULL;
    END IF;
    IF age OPERATOR(pg_catalog.<) -3600000 THEN
        RAISE EXCEPTION 'ledger_event: the id % is from the future', name USING ERRCODE = '22023',
            HINT = 'The clock that made it is more than an hour ahead of the database''s.';
    END IF;
    NEW.xid := pg_catalog.pg_current_xact_id();  -- before the position: a sequencer counts on it
    NEW.eid := pg_catalog.nextval('public.ledger_event_eid');
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_event_given BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_given();

-- The one way in. With `given`, an event of a known id that says the same is not recorded again
-- (`repeated`); one that says something else raises BW001.
CREATE FUNCTION ledger_append(
    body bytea, given boolean DEFAULT false,
    OUT recorded_at timestamptz, OUT eid bigint, OUT repeated boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := NULLIF(current_setting('app.tenant', true), '')::uuid;
    said jsonb;
BEGIN
    recorded_at := statement_timestamp();
    repeated := given
        AND public.ledger_is_known(tenant, convert_from(ledger_append.body, 'UTF8')::jsonb);
    IF NOT repeated THEN
        INSERT INTO public.ledger_event (tenant_id, body) VALUES (tenant, ledger_append.body);
        IF FOUND THEN
            eid := currval('public.ledger_event_eid');
        ELSE
            repeated := true;
        END IF;
    END IF;
    IF repeated THEN
        said := convert_from(ledger_append.body, 'UTF8')::jsonb;
        SELECT e.recorded_at, e.eid INTO STRICT recorded_at, eid FROM public.ledger_event e
            WHERE e.tenant_id = tenant AND e.id = (said ->> 'event_id')::uuid;
    END IF;
END $$;

CREATE TRIGGER ledger_event_no_change BEFORE UPDATE OR DELETE ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_refuse();
SELECT ledger_shut(relid::regclass::text) FROM pg_partition_tree('ledger_event');
SELECT ledger_make_partitions(3);

CREATE POLICY sequencer ON ledger_event FOR SELECT TO console_sequencer USING (true);
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN SELECT relid FROM pg_partition_tree('ledger_event') LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, console_app, console_sequencer', relation);
    END LOOP;
END $$;
REVOKE ALL ON SEQUENCE ledger_event_eid FROM PUBLIC, console_app, console_sequencer;
REVOKE UPDATE ON SEQUENCE ledger_event_eid FROM CURRENT_USER;  -- no setval
GRANT SELECT ON ledger_event TO console_app;
GRANT SELECT (xid, eid, tenant_id, id, leaf, recorded_at) ON ledger_event TO console_sequencer;
REVOKE ALL ON FUNCTION ledger_append(bytea, boolean), ledger_event_given(),
    ledger_event_refuse(), ledger_is_known(uuid, jsonb), ledger_month_begins(timestamptz)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_append(bytea, boolean) TO console_app;

-- Instead of a foreign key's lock: a tenant with events stays.
CREATE FUNCTION ledger_keep_tenant() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.ledger_event WHERE tenant_id = OLD.id) THEN
        RAISE EXCEPTION 'the ledger has events of this tenant' USING ERRCODE = '23503';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER ledger_keep_tenant BEFORE DELETE ON tenancy_tenant
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_tenant();
