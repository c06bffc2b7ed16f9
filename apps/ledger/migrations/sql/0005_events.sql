-- The events' table anew: partitioned, its columns derived from the body, its one way in a function.
-- `console_app` and `console_sequencer` stand for the roles that the settings name.
--
-- No foreign key to the tenant: its check would have every writer of a tenant lock the tenant's row.
-- A trigger on the tenants keeps one that has events.

ALTER TABLE ledger_event NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_event RENAME TO ledger_event_before;

CREATE SEQUENCE ledger_event_eid AS bigint CACHE 1;
CREATE TABLE ledger_event (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    action varchar(80) NOT NULL,
    actor varchar(80) NOT NULL,
    target_type varchar(60) NOT NULL,
    target_id varchar(64) NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    request_id uuid,
    source_id uuid,
    source_seq bigint,
    body bytea NOT NULL,
    leaf bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || body)) STORED,
    xid xid8 NOT NULL,
    eid bigint NOT NULL
) PARTITION BY HASH (tenant_id);
ALTER SEQUENCE ledger_event_eid OWNED BY ledger_event.eid;

DO $$
BEGIN
    FOR remainder IN 0..3 LOOP
        EXECUTE format(
            'CREATE TABLE ledger_event_h%1$s PARTITION OF ledger_event'
            ' FOR VALUES WITH (MODULUS 4, REMAINDER %1$s) PARTITION BY RANGE (recorded_at)',
            remainder
        );
    END LOOP;
END $$;

-- One month of one share of the tenants. What a partition does not inherit is said here: a unique
-- id (the parent's would have to include the month), row security for whoever addresses the
-- partition itself, triggers in every replication role, and no rights for anyone who serves.
CREATE FUNCTION ledger_make_partition(share int, month date) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := format('ledger_event_h%s_%s', share, to_char(month, 'YYYY_MM'));
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
    EXECUTE format(
        'ALTER TABLE public.%I OWNER TO %I', name,
        (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'public.ledger_event'::regclass)
    );
    EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, console_app, console_sequencer', name);
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = 'public.ledger_event'::regclass) THEN
        PERFORM public.ledger_shut(name);  -- while the events move in, nothing is shut yet
    END IF;
END $$;

-- Row security, and triggers that fire in every replication role, TRUNCATE's among them.
CREATE FUNCTION ledger_shut(name text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    guard name;
BEGIN
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
        'CREATE POLICY scope ON public.%I USING'
        ' (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)', name
    );
    EXECUTE format(
        'CREATE TRIGGER ledger_event_no_truncate BEFORE TRUNCATE ON public.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_event_refuse()', name
    );
    FOR guard IN
        SELECT tgname FROM pg_trigger
        WHERE tgrelid = format('public.%I', name)::regclass AND NOT tgisinternal
    LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER %I', name, guard);
    END LOOP;
END $$;

-- This month and the `ahead` months after it, for all tenants.
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
REVOKE ALL ON FUNCTION ledger_make_partition(int, date), ledger_shut(text),
    ledger_make_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_make_partitions(int) TO console_app;
