-- One statement takes events in: it parses each body once and the columns come out of it.
-- `console_app` stands for the role that the settings name.
--
-- Until now a trigger derived the columns row by row. PostgreSQL prepares each expression of a
-- PL/pgSQL function anew in each transaction, and checks a partition's bounds once more behind a
-- trigger that could have moved the row: together that cost as much as everything else.
-- Now rows come through the two functions below alone. The guard gives these to `ledger_writer`, a
-- role that nobody can become and that alone may insert; a trigger refuses everybody else.

DROP TRIGGER ledger_event_given ON ledger_event;
DROP FUNCTION ledger_event_given();
DROP FUNCTION ledger_month_begins(timestamptz);

CREATE FUNCTION ledger_event_only_appended() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Where no guard stands they are still the owner's, who could remove this trigger there, too.
    IF EXISTS (
        SELECT FROM pg_proc
        WHERE oid = 'public.ledger_append(bytea, boolean)'::regprocedure
            AND pg_get_userbyid(proowner) = current_user AND current_user <> session_user
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'ledger_event: its columns and its place are given, not chosen'
        USING ERRCODE = '55000', HINT = 'ledger_add and ledger_append are the only ways in.';
END $$;
CREATE TRIGGER ledger_event_only_appended AFTER INSERT ON ledger_event
    FOR EACH ROW WHEN (CURRENT_USER <> 'ledger_writer')
    EXECUTE FUNCTION ledger_event_only_appended();

-- When an id says that it was made (RFC 9562, version 7), in ms; NULL for other ids.
CREATE FUNCTION ledger_id_made(id text) RETURNS bigint
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('x' || substr(id, 1, 8) || substr(id, 10, 4))::bit(48)::bigint
    WHERE substr(id, 15, 1) = '7'
$$;

-- Takes events of the open tenant, in their order, and tells their moment. An id that is made here
-- carries its own: since this month began, it can only have been recorded in this month, whose index
-- tells; nothing is recorded more than an hour before its id was made. Every other event goes the
-- longer way, where each refusal has its words.
CREATE FUNCTION ledger_add(VARIADIC bodies bytea[]) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    taken bigint;
BEGIN
    INSERT INTO public.ledger_event (
        id, tenant_id, action, actor, target_type, target_id, at, recorded_at, request_id,
        source_id, source_seq, body, xid, eid
    )
    -- The transaction's number before the position: a sequencer counts on it.
    SELECT (said ->> 'event_id')::uuid, (said ->> 'tenant_id')::uuid, said ->> 'action',
        said ->> 'actor', said -> 'target' ->> 'type', said -> 'target' ->> 'id',
        (said ->> 'at')::timestamptz, statement_timestamp(), (said ->> 'request')::uuid,
        (said -> 'source' ->> 'id')::uuid, (said -> 'source' ->> 'seq')::bigint, body,
        pg_current_xact_id(), nextval('public.ledger_event_eid')
    FROM (  -- OFFSET keeps the planner from parsing anew for each column
        SELECT body, convert_from(body, 'UTF8')::jsonb AS said FROM unnest(bodies) AS body OFFSET 0
    ) parsed
    WHERE said ->> 'tenant_id' = current_setting('app.tenant', true)
        AND said ->> 'v' = '2'
        AND said -> 'source' ->> 'id' IS NOT NULL
        AND (said -> 'source' ->> 'seq')::bigint > 0
        AND substr(said ->> 'event_id', 15, 1) = '7'
        AND ('x' || substr(said ->> 'event_id', 1, 8) || substr(said ->> 'event_id', 10, 4)
            )::bit(48)::bigint BETWEEN
            date_part('epoch', date_trunc('month', statement_timestamp(), 'UTC')) * 1000 + 7200000
            AND date_part('epoch', statement_timestamp()) * 1000 + 3600000;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken < cardinality(bodies) THEN
        IF taken > 0 THEN
            RAISE EXCEPTION 'ledger_event: some of these events cannot be taken in together'
                USING ERRCODE = '22023', HINT = 'Record them one by one.';
        END IF;
        PERFORM public.ledger_append(body) FROM unnest(bodies) WITH ORDINALITY AS b (body, place)
            ORDER BY place;
    END IF;
    RETURN statement_timestamp();
END $$;

-- What an event must say to be taken in.
CREATE FUNCTION ledger_require(said jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (said ->> 'tenant_id' = NULLIF(current_setting('app.tenant', true), '')
        AND said ->> 'v' = '2') IS NOT TRUE
    THEN
        RAISE EXCEPTION 'ledger_event: tenant, moment and version are given, not chosen'
            USING ERRCODE = '55000';
    END IF;
    IF ((said -> 'source' ->> 'id')::uuid IS NOT NULL
        AND (said -> 'source' ->> 'seq')::bigint > 0) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'ledger_event: an event names its source and its number there'
            USING ERRCODE = '22023';
    END IF;
    IF public.ledger_id_made(said ->> 'event_id')
        > date_part('epoch', statement_timestamp()) * 1000 + 3600000
    THEN
        RAISE EXCEPTION 'ledger_event: the id % is from the future', said ->> 'event_id'
            USING ERRCODE = '22023',
            HINT = 'The clock that made it is more than an hour ahead of the database''s.';
    END IF;
END $$;

-- The longer way, for any id: an event of a known id that says the same is not recorded again
-- (`repeated`); one that says something else raises BW001. `given` no longer matters: whoever has
-- made the id just now goes through `ledger_add`.
CREATE OR REPLACE FUNCTION ledger_append(
    body bytea, given boolean DEFAULT false,
    OUT recorded_at timestamptz, OUT eid bigint, OUT repeated boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    said jsonb := convert_from(ledger_append.body, 'UTF8')::jsonb;
    tenant uuid := NULLIF(current_setting('app.tenant', true), '')::uuid;
BEGIN
    PERFORM public.ledger_require(said);
    repeated := public.ledger_is_known(tenant, said);
    IF repeated THEN
        SELECT e.recorded_at, e.eid INTO STRICT recorded_at, eid FROM public.ledger_event e
            WHERE e.tenant_id = tenant AND e.id = (said ->> 'event_id')::uuid;
        RETURN;
    END IF;
    INSERT INTO public.ledger_event (
        id, tenant_id, action, actor, target_type, target_id, at, recorded_at, request_id,
        source_id, source_seq, body, xid, eid
    ) VALUES (
        (said ->> 'event_id')::uuid, tenant, said ->> 'action', said ->> 'actor',
        said -> 'target' ->> 'type', said -> 'target' ->> 'id', (said ->> 'at')::timestamptz,
        statement_timestamp(), (said ->> 'request')::uuid, (said -> 'source' ->> 'id')::uuid,
        (said -> 'source' ->> 'seq')::bigint, ledger_append.body,
        pg_current_xact_id(), nextval('public.ledger_event_eid')
    );
    recorded_at := statement_timestamp();
    eid := currval('public.ledger_event_eid');
END $$;

DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN SELECT relid FROM pg_partition_tree('ledger_event') LOOP
        EXECUTE format(
            'ALTER TABLE %s ENABLE ALWAYS TRIGGER ledger_event_only_appended', relation
        );
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION ledger_event_only_appended(), ledger_id_made(text), ledger_require(jsonb),
    ledger_add(bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_add(bytea[]) TO console_app;
