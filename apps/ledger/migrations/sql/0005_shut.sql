CREATE INDEX ledger_by_time ON ledger_event (tenant_id, at DESC, id DESC);
CREATE INDEX ledger_by_target ON ledger_event (tenant_id, target_id, at);
CREATE INDEX ledger_by_actor ON ledger_event (tenant_id, actor, at DESC);
CREATE INDEX ledger_by_action ON ledger_event (tenant_id, action, at DESC);
CREATE INDEX ledger_by_request ON ledger_event (tenant_id, request_id)
    WHERE request_id IS NOT NULL;
CREATE INDEX ledger_by_eid ON ledger_event (eid);

-- Whoever inserts, and however: the columns say what the body says, the position is given.

-- Ids made here carry their moment (RFC 9562, version 7). Such an id that is less than an hour old
-- can only have been recorded in this month, whose index tells; any other id is looked up in all
-- months, under a lock on that id alone.
CREATE FUNCTION ledger_is_fresh(id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bytes bytea;
    made timestamptz;
BEGIN
    bytes := uuid_send(id);
    IF get_byte(bytes, 6) >> 4 <> 7 THEN
        RETURN false;
    END IF;
    made := to_timestamp((('x' || encode(substr(bytes, 1, 6), 'hex'))::bit(48)::bigint) / 1000.0);
    IF made > statement_timestamp() + interval '1 hour' THEN
        RAISE EXCEPTION 'ledger_event: the id % is from the future', id USING ERRCODE = '22023',
            HINT = 'The clock that made it is more than an hour ahead of the database''s.';
    END IF;
    RETURN made > statement_timestamp() - interval '1 hour'
        AND date_trunc('month', made - interval '1 hour', 'UTC')
            = date_trunc('month', made + interval '1 hour', 'UTC');
END $$;

-- The same act, whenever and through whichever request and process it was tried again.
CREATE FUNCTION ledger_require_same(known bytea, said jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convert_from(known, 'UTF8')::jsonb - '{v,at,request,source}'::text[]
        IS DISTINCT FROM said - '{v,at,request,source}'::text[]
    THEN
        RAISE EXCEPTION 'a ledger event of this id tells of another act' USING ERRCODE = 'BW001';
    END IF;
END $$;

CREATE FUNCTION ledger_event_given() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
    known bytea;
BEGIN
    IF (said ->> 'tenant_id')::uuid IS DISTINCT FROM NEW.tenant_id
        OR NEW.recorded_at IS DISTINCT FROM statement_timestamp()
    THEN
        RAISE EXCEPTION 'ledger_event: tenant and moment are given, not chosen'
            USING ERRCODE = '55000';
    END IF;
    IF (said ->> 'v') IS DISTINCT FROM '2' THEN
        RAISE EXCEPTION 'ledger_event: bodies of version 2 only' USING ERRCODE = '22023';
    END IF;
    NEW.id := said ->> 'event_id';
    NEW.action := said ->> 'action';
    NEW.actor := said ->> 'actor';
    NEW.target_type := said #>> '{target,type}';
    NEW.target_id := said #>> '{target,id}';
    NEW.at := said ->> 'at';
    NEW.request_id := said ->> 'request';
    NEW.source_id := said #>> '{source,id}';
    NEW.source_seq := said #>> '{source,seq}';
    IF NEW.source_id IS NULL OR NEW.source_seq IS NULL OR NEW.source_seq < 1 THEN
        RAISE EXCEPTION 'ledger_event: an event names its source and its number there'
            USING ERRCODE = '22023';
    END IF;
    IF NOT public.ledger_is_fresh(NEW.id) THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id::text || NEW.id::text, 0));
        SELECT body INTO known FROM public.ledger_event
            WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
        IF known IS NOT NULL THEN
            PERFORM public.ledger_require_same(known, said);
            RETURN NULL;
        END IF;
    END IF;
    NEW.xid := pg_current_xact_id();  -- before the position: a sequencer counts on it
    NEW.eid := nextval('public.ledger_event_eid');
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_event_given BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_given();

-- The one way in. An event of a known id that says the same is not recorded again (`repeated`);
-- one that says something else raises BW001.
CREATE FUNCTION ledger_append(
    body bytea, OUT recorded_at timestamptz, OUT eid bigint, OUT repeated boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    said jsonb;
    known record;
BEGIN
    INSERT INTO public.ledger_event AS e (tenant_id, body)
        VALUES (NULLIF(current_setting('app.tenant', true), '')::uuid, ledger_append.body)
        ON CONFLICT DO NOTHING RETURNING e.recorded_at, e.eid INTO recorded_at, eid;
    repeated := NOT FOUND;
    IF repeated THEN
        said := convert_from(ledger_append.body, 'UTF8')::jsonb;
        SELECT e.* INTO STRICT known FROM public.ledger_event e
            WHERE e.tenant_id = (said ->> 'tenant_id')::uuid
                AND e.id = (said ->> 'event_id')::uuid;
        PERFORM public.ledger_require_same(known.body, said);
        recorded_at := known.recorded_at;
        eid := known.eid;
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
GRANT SELECT ON ledger_event TO console_app;
GRANT SELECT (xid, eid, tenant_id, id, leaf, recorded_at) ON ledger_event TO console_sequencer;
REVOKE ALL ON FUNCTION ledger_append(bytea), ledger_is_fresh(uuid), ledger_event_given(),
    ledger_event_refuse(), ledger_require_same(bytea, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_append(bytea) TO console_app;

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
