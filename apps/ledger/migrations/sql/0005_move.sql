-- Events recorded before keep their bytes, their order and their moment.

SELECT ledger_make_partition(share, month::date)
FROM generate_series(0, 3) share, generate_series(
    (SELECT date_trunc('month', min(recorded_at)) FROM ledger_event_before),
    now(), interval '1 month'
) month;

INSERT INTO ledger_event (
    id, tenant_id, action, actor, target_type, target_id, at, recorded_at, body, xid, eid
)
SELECT id, tenant_id, action, actor, target_type, target_id, at, recorded_at, body, xid, eid
FROM ledger_event_before ORDER BY eid;

SELECT setval('ledger_event_eid', max(eid)) FROM ledger_event_before HAVING max(eid) IS NOT NULL;
DROP TABLE ledger_event_before;
DROP FUNCTION ledger_event_stamp();
