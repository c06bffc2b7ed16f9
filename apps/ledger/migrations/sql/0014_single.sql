-- One event has a way of its own, and the functions that insert compute the leaf as they insert.
-- `console_app` and `console_sequencer` stand for the roles that the settings name.
--
-- What an event costs here, beside the indexes and the row, is expressions: each function and
-- operator that a statement names is looked up and its permission checked anew in each transaction.
-- A generated column costs twice as much as the same expression in the statement, because its text
-- is parsed for each of them. The functions are dropped, not replaced: where the guard stands they
-- belong to others, but the schema's owner may drop them; the guard is installed anew afterwards.

ALTER TABLE ledger_event ALTER COLUMN leaf DROP EXPRESSION;

DROP FUNCTION ledger_add(bytea[]);
DROP FUNCTION ledger_append(bytea, boolean);
DROP FUNCTION ledger_make_partitions(int);
DROP FUNCTION ledger_make_partition(int, date);

-- The least id (RFC 9562, version 7, but for its version) of the moment that lies so far after the
-- start of the month in which this is asked. Said to be immutable so that a session asks once: what
-- it was told stays true of that month, and `ledger_month_ends` tells when that is over.
CREATE FUNCTION ledger_id_at(months int, hours int) RETURNS uuid
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
    SELECT rpad(lpad(to_hex((date_part(
        'epoch', date_trunc('month', statement_timestamp())
            + make_interval(months => months, hours => hours)
    ) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
CREATE FUNCTION ledger_month_ends() RETURNS timestamptz
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
    SELECT date_trunc('month', statement_timestamp()) + interval '1 month'
$$;

-- Takes one event of the open tenant whose id was made this month, and tells its moment. The index
-- of this month tells such ids apart: in an earlier month nothing was recorded whose id was made
-- more than an hour after that month. An id of two hours after the month began is the first that
-- cannot have been. Everything else, and a session older than the month, goes the way of many.
CREATE FUNCTION ledger_add(body bytea) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb := convert_from(body, 'UTF8')::jsonb;
BEGIN
    IF said ->> 'tenant_id' = current_setting('app.tenant', true)
        AND said ->> 'v' = '2'
        AND said -> 'source' ->> 'id' IS NOT NULL
        AND (said -> 'source' ->> 'seq')::bigint > 0
        AND said ->> 'event_id' LIKE '________-____-7___-____-____________'
        AND (said ->> 'event_id')::uuid >= public.ledger_id_at(0, 2)
        AND (said ->> 'event_id')::uuid < public.ledger_id_at(1, 0)
        AND statement_timestamp() < public.ledger_month_ends()
    THEN
        INSERT INTO public.ledger_event (
            id, tenant_id, action, actor, target_type, target_id, at, recorded_at, request_id,
            source_id, source_seq, body, leaf, xid, eid
        ) VALUES (
            (said ->> 'event_id')::uuid, (said ->> 'tenant_id')::uuid, said ->> 'action',
            said ->> 'actor', said -> 'target' ->> 'type', said -> 'target' ->> 'id',
            (said ->> 'at')::timestamptz, statement_timestamp(), (said ->> 'request')::uuid,
            (said -> 'source' ->> 'id')::uuid, (said -> 'source' ->> 'seq')::bigint, body,
            sha256('\x00'::bytea || body),
            pg_current_xact_id(), nextval('public.ledger_event_eid')  -- in this order
        );
        RETURN statement_timestamp();
    END IF;
    RETURN public.ledger_add(VARIADIC ARRAY[body]);
END $$;

-- The way of many, in one statement and in their order, as before but for the leaf, and for ids
-- that are written in another way than the usual: their version stands elsewhere.
CREATE FUNCTION ledger_add(VARIADIC bodies bytea[]) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    taken bigint;
BEGIN
    INSERT INTO public.ledger_event (
        id, tenant_id, action, actor, target_type, target_id, at, recorded_at, request_id,
        source_id, source_seq, body, leaf, xid, eid
    )
    -- The transaction's number before the position: a sequencer counts on it.
    SELECT (said ->> 'event_id')::uuid, (said ->> 'tenant_id')::uuid, said ->> 'action',
        said ->> 'actor', said -> 'target' ->> 'type', said -> 'target' ->> 'id',
        (said ->> 'at')::timestamptz, statement_timestamp(), (said ->> 'request')::uuid,
        (said -> 'source' ->> 'id')::uuid, (said -> 'source' ->> 'seq')::bigint, body,
        sha256('\x00'::bytea || body), pg_current_xact_id(), nextval('public.ledger_event_eid')
    FROM (  -- OFFSET keeps the planner from parsing anew for each column
        SELECT body, convert_from(body, 'UTF8')::jsonb AS said FROM unnest(bodies) AS body OFFSET 0
    ) parsed
    WHERE said ->> 'tenant_id' = current_setting('app.tenant', true)
        AND said ->> 'v' = '2'
        AND said -> 'source' ->> 'id' IS NOT NULL
        AND (said -> 'source' ->> 'seq')::bigint > 0
        AND said ->> 'event_id' LIKE '________-____-7___-____-____________'
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

-- As before, but for ids that are written in another way than the usual: of those, too, it tells
-- when they were made.
CREATE OR REPLACE FUNCTION ledger_require(said jsonb) RETURNS void
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
    IF public.ledger_id_made((said ->> 'event_id')::uuid::text)
        > date_part('epoch', statement_timestamp()) * 1000 + 3600000
    THEN
        RAISE EXCEPTION 'ledger_event: the id % is from the future', said ->> 'event_id'
            USING ERRCODE = '22023',
            HINT = 'The clock that made it is more than an hour ahead of the database''s.';
    END IF;
END $$;

-- As before but for the leaf.
CREATE FUNCTION ledger_append(
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
        source_id, source_seq, body, leaf, xid, eid
    ) VALUES (
        (said ->> 'event_id')::uuid, tenant, said ->> 'action', said ->> 'actor',
        said -> 'target' ->> 'type', said -> 'target' ->> 'id', (said ->> 'at')::timestamptz,
        statement_timestamp(), (said ->> 'request')::uuid, (said -> 'source' ->> 'id')::uuid,
        (said -> 'source' ->> 'seq')::bigint, ledger_append.body,
        sha256('\x00'::bytea || ledger_append.body),
        pg_current_xact_id(), nextval('public.ledger_event_eid')
    );
    recorded_at := statement_timestamp();
    eid := currval('public.ledger_event_eid');
END $$;

-- As before; where the guard took the right to insert from the owner, a new month takes it, too.
CREATE FUNCTION ledger_make_partition(share int, month date) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := format('ledger_event_h%s_%s', share, to_char(month, 'YYYY_MM'));
    owner name := (
        SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'public.ledger_event'::regclass
    );
BEGIN
    IF to_regclass('public.' || quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
        name, 'ledger_event_h' || share,
        date_trunc('month', month)::date::text || ' 00:00:00+00',
        (date_trunc('month', month) + interval '1 month')::date::text || ' 00:00:00+00'
    );
    EXECUTE format('CREATE UNIQUE INDEX %I ON public.%I (tenant_id, id)', name || '_id', name);
    EXECUTE format('ALTER TABLE public.%I OWNER TO %I', name, owner);
    IF NOT has_table_privilege(owner, 'public.ledger_event', 'INSERT') THEN
        EXECUTE format('REVOKE INSERT ON public.%I FROM %I', name, owner);
    END IF;
    EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, console_app, console_sequencer', name);
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = 'public.ledger_event'::regclass) THEN
        PERFORM public.ledger_shut(name);  -- while the events move in, nothing is shut yet
    END IF;
END $$;

CREATE FUNCTION ledger_make_partitions(ahead int) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC' AS $$
BEGIN
    IF ahead IS NULL OR ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'between 0 and 24 months ahead, not %', ahead USING ERRCODE = '22023';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger_make_partitions', 0));
    PERFORM public.ledger_make_partition(
        share, (date_trunc('month', now()) + make_interval(months => n))::date
    ) FROM generate_series(0, ahead) n, generate_series(0, 3) share;
END $$;

REVOKE ALL ON FUNCTION ledger_id_at(int, int), ledger_month_ends(), ledger_add(bytea),
    ledger_add(bytea[]), ledger_append(bytea, boolean), ledger_make_partition(int, date),
    ledger_make_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_add(bytea), ledger_add(bytea[]), ledger_append(bytea, boolean),
    ledger_make_partitions(int) TO console_app;
