"""What the clients of `test_ingest` send: the same 400-byte event, taken in three ways."""

import time

SCHEMA = """
CREATE TABLE bench_plain (
    LIKE ledger_event, PRIMARY KEY (tenant_id, id)
);
ALTER TABLE bench_plain ALTER eid ADD GENERATED ALWAYS AS IDENTITY,
    ALTER xid SET DEFAULT pg_current_xact_id(), ALTER recorded_at SET DEFAULT statement_timestamp();
CREATE INDEX ON bench_plain (tenant_id, at DESC, id DESC);
CREATE INDEX ON bench_plain (tenant_id, target_id, at);
CREATE INDEX ON bench_plain (tenant_id, actor, at DESC);
CREATE INDEX ON bench_plain (tenant_id, action, at DESC);
CREATE INDEX ON bench_plain (tenant_id, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX ON bench_plain (tenant_id, source_id, source_seq);
CREATE INDEX ON bench_plain (tenant_id, target_type, at DESC);
CREATE INDEX ON bench_plain (eid);
CREATE TABLE bench_chain (
    tenant_id uuid, seq bigint, event_id uuid NOT NULL, at timestamptz DEFAULT clock_timestamp(),
    body bytea NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq), UNIQUE (tenant_id, prev)
);
CREATE FUNCTION bench_append_chain(tenant uuid, event uuid, body bytea) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    s bigint;
    p bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(tenant::text, 0));
    SELECT c.seq, c.hash INTO s, p FROM bench_chain c
        WHERE c.tenant_id = tenant ORDER BY c.seq DESC LIMIT 1;
    s := coalesce(s, 0) + 1;
    p := coalesce(p, '\\x00'::bytea);
    INSERT INTO bench_chain (tenant_id, seq, event_id, body, prev, hash)
        VALUES (tenant, s, event, body, p, sha256(p || int8send(s) || body));
    RETURN s;
END $$;
GRANT SELECT, INSERT ON bench_plain, bench_chain TO PUBLIC;
"""
HOT, MANY = "100", "random(100, 999)"
TENANT = "00000000-0000-4000-8000-000000000:t"
AT = "2026-11-22T03:04:05.000006+00:00"
THING = "1f0e2d3c-4b5a-4678-9abc-def012345678"
BODY = (
    '{"action":"custody.token.ended","actor":"user:%(thing)s","at":"%(at)s",'
    '"data":{"reason":"expired"},"event_id":"%(event)s","request":"%(thing)s",'
    '"source":{"id":"%(thing)s","seq": %(seq)s},'
    '"target":{"id":"%(thing)s","type":"custody.token"},"tenant_id":"%(tenant)s","v":2}'
)
WAYS = {
    "plain": (
        "INSERT INTO bench_plain (id, tenant_id, action, actor, target_type, target_id, at,"
        " request_id, source_id, source_seq, body, leaf) VALUES ('%(event)s', '%(tenant)s',"
        " 'custody.token.ended', 'user:%(thing)s', 'custody.token', '%(thing)s', '%(at)s',"
        " '%(thing)s', '%(thing)s', %(seq)s, '%(body)s', '%(leaf)s')"
    ),
    "chain": "SELECT bench_append_chain('%(tenant)s', '%(event)s', '%(body)s')",
    "ours": "SELECT ledger_add('%(body)s'), false",
}


def script(way: str, tenants: str) -> str:
    """A pgbench script: one event per transaction, in the scope of its tenant.

    Ids are version 7 UUIDs of this moment whose random part pgbench fills with decimal digits.
    """
    moment = f"{time.time_ns() // 1_000_000:012x}"
    words = {
        "event": f"{moment[:8]}-{moment[8:]}-7:a-8:b-:c",
        "tenant": TENANT,
        "at": AT,
        "thing": THING,
        "seq": ":s",
        "leaf": "\\x" + "5a" * 32,
    }
    words["body"] = BODY % words
    return (
        f"\\set t {tenants}\n\\set a random(100, 999)\n\\set b random(100, 999)\n"
        "\\set c random(100000000000, 999999999999)\n\\set s random(1, 1000000000)\n"
        f"BEGIN \\; SELECT set_config('app.tenant', '{TENANT}', true) \\;"
        f" {WAYS[way] % words} \\; COMMIT;\n"
    )
