-- Events may be removed by one login alone, and only below a recorded mark, past the days that the
-- tenant keeps events, and while no legal hold lasts. Their leaves, tiles and checkpoints stay.

-- Whether this event may go. Sees only the tenant in scope, like everybody else.
CREATE FUNCTION ledger_may_prune(event_tenant uuid, event_eid bigint, recorded timestamptz)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM public.ledger_legalhold h
        WHERE h.tenant_id = event_tenant AND NOT EXISTS (
            SELECT FROM public.ledger_holdrelease r WHERE r.hold_id = h.id
        )
    ) AND recorded < now() - make_interval(days => COALESCE((
        SELECT p.days FROM public.ledger_retentionpolicy p
        WHERE p.tenant_id = event_tenant ORDER BY p.at DESC, p.id DESC LIMIT 1
    ), 400)::int) AND EXISTS (
        SELECT FROM public.ledger_leaf l
        JOIN public.ledger_prunemark m ON m.tenant_id = l.tenant_id AND l.seq < m.below
        WHERE l.tenant_id = event_tenant AND l.eid = event_eid
    )
$$;
REVOKE ALL ON FUNCTION ledger_may_prune(uuid, bigint, timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION ledger_event_refuse() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND session_user = 'ledger_retention' THEN
        IF public.ledger_may_prune(OLD.tenant_id, OLD.eid, OLD.recorded_at) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'ledger_event: this event has to stay' USING ERRCODE = '55000',
            HINT = 'It is above the prune mark, younger than the tenant''s days, or under a hold.';
    END IF;
    RAISE EXCEPTION 'ledger_event is append-only: % refused', TG_OP USING ERRCODE = '55000';
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_retention') THEN
        GRANT USAGE ON SCHEMA public TO ledger_retention;
        GRANT SELECT (tenant_id, eid, recorded_at), DELETE ON ledger_event TO ledger_retention;
        GRANT SELECT (tenant_id, eid, seq) ON ledger_leaf TO ledger_retention;
        GRANT EXECUTE ON FUNCTION ledger_may_prune(uuid, bigint, timestamptz) TO ledger_retention;
    END IF;
END $$;
