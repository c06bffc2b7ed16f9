-- The guard over the ledger's tables: run by a superuser, after migrating, in the console's database.
--
-- Whatever command changes the schema, the guard compares what the ledger consists of (tables,
-- columns, triggers, rules, policies, partitions, rights, functions, owners) with what it was. A
-- difference is refused unless the session is `ledger_migrator`'s or a superuser's; each permitted
-- one is kept in `ledger_guard.log`. Comparing the outcome needs no list of commands and objects:
-- rules, policies and GRANT tell an event trigger too little about themselves.
--
-- Two kinds of command leave too little to compare. One that rewrites a table (`ALTER COLUMN … TYPE
-- … USING`) puts other values into its rows past every trigger, and the table looks as before. One
-- that works `CONCURRENTLY` commits in between, so that refusing its end undoes half of it.

DROP EVENT TRIGGER IF EXISTS ledger_guard;
DROP EVENT TRIGGER IF EXISTS ledger_guard_drops;
DROP EVENT TRIGGER IF EXISTS ledger_guard_rewrites;
DROP EVENT TRIGGER IF EXISTS ledger_guard_starts;

-- A schema of its own: who owns the other one may drop it with everything in it.
CREATE SCHEMA IF NOT EXISTS ledger_guard;
GRANT USAGE ON SCHEMA ledger_guard TO PUBLIC;

CREATE TABLE IF NOT EXISTS ledger_guard.log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login text NOT NULL DEFAULT session_user,
    command text NOT NULL
);
CREATE TABLE IF NOT EXISTS ledger_guard.state (
    only_one boolean PRIMARY KEY CHECK (only_one),
    fingerprint text
);
CREATE OR REPLACE FUNCTION ledger_guard.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '55000';
END $$;
CREATE OR REPLACE TRIGGER no_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_guard.log
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard.refuse();
ALTER TABLE ledger_guard.log ENABLE ALWAYS TRIGGER no_change;
REVOKE ALL ON ledger_guard.log, ledger_guard.state FROM PUBLIC;
GRANT SELECT ON ledger_guard.log, ledger_guard.state TO PUBLIC;

CREATE OR REPLACE FUNCTION ledger_guard.fingerprint() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    -- In whatever schema: a table or function of that name elsewhere could stand before the real one.
    WITH t AS MATERIALIZED (
        SELECT oid FROM pg_class WHERE relname LIKE 'ledger\_%'
    ), f AS MATERIALIZED (
        SELECT oid FROM pg_proc WHERE proname LIKE 'ledger\_%'
    ), parts (said) AS (
        SELECT concat_ws(' ', 'class', c.oid, relnamespace::regnamespace, relname, relowner, relkind,
            relpersistence, relacl, relrowsecurity, relforcerowsecurity, reloptions)
        FROM pg_class c JOIN t USING (oid)
        UNION ALL SELECT concat_ws(' ', 'column', attrelid, attnum, attname, atttypid, atttypmod,
            attnotnull, attgenerated, attidentity, attacl)
        FROM pg_attribute JOIN t ON oid = attrelid WHERE attnum > 0
        UNION ALL SELECT concat_ws(' ', 'default', adrelid, adnum, adbin)
        FROM pg_attrdef d JOIN t ON t.oid = adrelid
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid, conname, contype, convalidated,
            conbin)
        FROM pg_constraint k JOIN t ON t.oid = conrelid
        UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid, tgname, tgfoid, tgtype, tgenabled,
            tgqual)
        FROM pg_trigger WHERE NOT tgisinternal
            AND (tgrelid IN (SELECT oid FROM t) OR tgfoid IN (SELECT oid FROM f))
        UNION ALL SELECT concat_ws(' ', 'policy', polrelid, polname, polcmd, polpermissive, polroles,
            polqual, polwithcheck)
        FROM pg_policy p JOIN t ON t.oid = polrelid
        UNION ALL SELECT concat_ws(' ', 'rule', ev_class, rulename, ev_enabled, ev_action)
        FROM pg_rewrite r JOIN t ON t.oid = ev_class
        UNION ALL SELECT concat_ws(' ', 'partition', inhrelid, inhparent, inhdetachpending)
        FROM pg_inherits WHERE inhparent IN (SELECT oid FROM t) OR inhrelid IN (SELECT oid FROM t)
        UNION ALL SELECT concat_ws(' ', 'index', indexrelid, indrelid, indisunique, indisvalid,
            indisready, indislive, indkey, indexprs, indpred)
        FROM pg_index JOIN t ON oid = indrelid
        -- One that starts again gets another file; counting on, it keeps its own.
        UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid, seqtypid, seqstart, seqincrement, seqmax,
            seqmin, seqcache, seqcycle, relfilenode)
        FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid JOIN t ON t.oid = seqrelid
        UNION ALL SELECT concat_ws(' ', 'member', roleid, member)
        FROM pg_auth_members WHERE roleid = to_regrole('ledger_writer')
        UNION ALL SELECT concat_ws(' ', 'function', p.oid, pronamespace::regnamespace, proname,
            proowner, prosecdef, proconfig, proacl, prolang, provolatile, proisstrict, prosrc)
        FROM pg_proc p JOIN f USING (oid)
    )
    SELECT encode(sha256(convert_to(string_agg(said, E'\n' ORDER BY said), 'UTF8')), 'hex')
    FROM parts
$$;

-- Runs with a superuser's rights for a migrator's session alone, whoever calls it.
CREATE OR REPLACE FUNCTION ledger_guard.note(command text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF session_user <> 'ledger_migrator' THEN
        RAISE EXCEPTION 'only ledger_migrator''s changes are noted' USING ERRCODE = '42501';
    END IF;
    INSERT INTO ledger_guard.log (command) VALUES (command);
    UPDATE ledger_guard.state SET fingerprint = ledger_guard.fingerprint();
END $$;

-- Keep this use when the session may change the ledger; refuse it otherwise.
CREATE OR REPLACE FUNCTION ledger_guard.permit(command text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF session_user = 'ledger_migrator' THEN
        PERFORM ledger_guard.note(command);
    ELSIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        -- A superuser, or one of the few functions that this file gives to one.
        IF session_user = current_user THEN
            INSERT INTO ledger_guard.log (command) VALUES (command);
        END IF;
        UPDATE ledger_guard.state SET fingerprint = ledger_guard.fingerprint();
    ELSE
        RAISE EXCEPTION 'the ledger is guarded: % refused', command USING ERRCODE = '42501',
            HINT = 'Only the login ledger_migrator may change it, and each use is recorded.';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger_guard.guard() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF ledger_guard.fingerprint() IS DISTINCT FROM (SELECT fingerprint FROM ledger_guard.state) THEN
        PERFORM ledger_guard.permit(tg_tag);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger_guard.guard_rewrite() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class
        WHERE oid = pg_event_trigger_table_rewrite_oid() AND relname LIKE 'ledger\_%'
    ) THEN
        PERFORM ledger_guard.permit(tg_tag || ' that rewrites');
    END IF;
END $$;

-- Which table it is about nobody knows yet, so such a command is the migrator's for all of them.
CREATE OR REPLACE FUNCTION ledger_guard.guard_start() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_query() ~* 'concurrently' AND session_user <> 'ledger_migrator'
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    THEN
        RAISE EXCEPTION 'the ledger is guarded: % CONCURRENTLY refused', tg_tag
            USING ERRCODE = '42501',
            HINT = 'It commits before the guard can tell what it changes: use ledger_migrator.';
    END IF;
END $$;

-- Events come in through two functions alone. They run as a role that may insert and that nobody
-- can become; its rows need no second look at their tenant, which the functions compare themselves.
DO $$ BEGIN
    CREATE ROLE ledger_writer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN  -- of another database here, or just now
    IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'ledger_writer'::regrole)
        OR (SELECT rolcanlogin OR rolsuper FROM pg_roles WHERE rolname = 'ledger_writer')
    THEN
        RAISE EXCEPTION 'somebody can become ledger_writer: drop that role and let this file make it';
    END IF;
END $$;
GRANT INSERT, SELECT (id, tenant_id, body, recorded_at, eid) ON ledger_event TO ledger_writer;
GRANT USAGE ON SEQUENCE ledger_event_eid TO ledger_writer;
GRANT EXECUTE ON FUNCTION ledger_is_known(uuid, jsonb), ledger_id_made(text), ledger_require(jsonb),
    ledger_id_at(int, int), ledger_month_ends() TO ledger_writer;
DROP POLICY IF EXISTS writer ON ledger_event;
CREATE POLICY writer ON ledger_event FOR INSERT TO ledger_writer WITH CHECK (true);
ALTER FUNCTION ledger_add(bytea) OWNER TO ledger_writer;
ALTER FUNCTION ledger_add(bytea[]) OWNER TO ledger_writer;
ALTER FUNCTION ledger_append(bytea, boolean) OWNER TO ledger_writer;
-- The tables' owner may append like everybody who serves, and may not insert either. Nor could it
-- give itself that right back, so that the trigger which asked at each event goes.
DO $$
DECLARE
    owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'ledger_event'::regclass);
    relation regclass;
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION ledger_add(bytea), ledger_add(bytea[]),'
        ' ledger_append(bytea, boolean) TO %I', owner);
    FOR relation IN SELECT relid FROM pg_partition_tree('ledger_event') LOOP
        EXECUTE format('REVOKE INSERT ON %s FROM %I', relation, owner);
    END LOOP;
END $$;
DROP TRIGGER IF EXISTS ledger_event_only_appended ON ledger_event;

-- The months to come are made while the console serves: by functions that nobody else can replace.
ALTER FUNCTION ledger_make_partitions(int) OWNER TO CURRENT_USER;
ALTER FUNCTION ledger_make_partition(int, date) OWNER TO CURRENT_USER;
ALTER FUNCTION ledger_shut(text) OWNER TO CURRENT_USER;

INSERT INTO ledger_guard.state VALUES (true, ledger_guard.fingerprint())
    ON CONFLICT (only_one) DO UPDATE SET fingerprint = EXCLUDED.fingerprint;
CREATE EVENT TRIGGER ledger_guard ON ddl_command_end EXECUTE FUNCTION ledger_guard.guard();
ALTER EVENT TRIGGER ledger_guard ENABLE ALWAYS;
CREATE EVENT TRIGGER ledger_guard_drops ON sql_drop EXECUTE FUNCTION ledger_guard.guard();
ALTER EVENT TRIGGER ledger_guard_drops ENABLE ALWAYS;
CREATE EVENT TRIGGER ledger_guard_rewrites ON table_rewrite
    EXECUTE FUNCTION ledger_guard.guard_rewrite();
ALTER EVENT TRIGGER ledger_guard_rewrites ENABLE ALWAYS;
CREATE EVENT TRIGGER ledger_guard_starts ON ddl_command_start
    WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX', 'DROP INDEX')
    EXECUTE FUNCTION ledger_guard.guard_start();
ALTER EVENT TRIGGER ledger_guard_starts ENABLE ALWAYS;
