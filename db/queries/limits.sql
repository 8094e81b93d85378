-- name: take_notes
-- Concurrency keys that are to be looked at. Each is held until this transaction ends, in an order that
-- everyone keeps; what is counted by the next statement is exact.
WITH noted AS (
    DELETE FROM key_note USING (
        SELECT n FROM key_note ORDER BY n LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) AS first
    WHERE key_note.n = first.n
    RETURNING key_note.tenant_id, key_note.concurrency_key
)
SELECT tenant_id, concurrency_key, notes, pg_advisory_xact_lock(hash)::text AS held
FROM (
    SELECT tenant_id, concurrency_key, count(*) AS notes,
           hashtextextended(tenant_id || '/' || concurrency_key, 0) AS hash
    FROM noted GROUP BY tenant_id, concurrency_key ORDER BY hash
) AS named

-- name: admit_tasks
-- The parked tasks of held keys that there are places for, by priority and age, are free. One that
-- someone else has locked may stay: its key is noted again.
WITH room AS MATERIALIZED (
    SELECT held.tenant_id, held.key, newest.concurrency_limit - (
        SELECT count(*) FROM ready
        WHERE ready.tenant_id = held.tenant_id AND ready.concurrency_key = held.key AND run_at IS NULL
    ) AS places
    FROM unnest(%(tenant_ids)s::text[], %(keys)s::text[]) AS held (tenant_id, key)
    CROSS JOIN LATERAL (
        SELECT concurrency_limit FROM ready
        WHERE ready.tenant_id = held.tenant_id AND ready.concurrency_key = held.key
        ORDER BY run_id DESC LIMIT 1
    ) AS newest
), next AS (
    SELECT parked.* FROM room CROSS JOIN LATERAL (
        SELECT tenant_id, run_id, task_id FROM ready
        WHERE ready.tenant_id = room.tenant_id AND ready.concurrency_key = room.key AND run_at = 'infinity'
        ORDER BY priority DESC, run_id LIMIT room.places FOR UPDATE SKIP LOCKED
    ) AS parked
    WHERE room.places > 0
), admitted AS (
    UPDATE ready SET run_at = NULL, n = DEFAULT, free_since = DEFAULT
    FROM next
    WHERE ready.tenant_id = next.tenant_id AND ready.run_id = next.run_id AND ready.task_id = next.task_id
    RETURNING ready.tenant_id, ready.concurrency_key AS key, ready.lane
), given AS (
    SELECT tenant_id, key, count(*) AS n FROM admitted GROUP BY tenant_id, key
), again AS (
    INSERT INTO key_note (tenant_id, concurrency_key)
    SELECT tenant_id, key FROM room LEFT JOIN given USING (tenant_id, key)
    WHERE places > coalesce(given.n, 0) AND EXISTS (
        SELECT FROM ready
        WHERE ready.tenant_id = room.tenant_id AND ready.concurrency_key = room.key AND run_at = 'infinity'
        OFFSET coalesce(given.n, 0) LIMIT 1)
)
SELECT DISTINCT lane.tenant_id, lane.kind
FROM admitted JOIN lane ON lane.tenant_id = admitted.tenant_id AND lane.id = admitted.lane

-- name: list_waiting_kinds
-- What a place is for that these runs, or these tasks of graphs, had: the kinds of tasks in their queues,
-- if those are limited.
WITH had AS (
    SELECT queue FROM run WHERE id = ANY(%(run_ids)s)
    UNION
    SELECT lane.queue FROM task JOIN lane ON lane.id = task.lane
    WHERE task.run_id = ANY(%(run_ids)s) AND task.id = ANY(%(task_ids)s)
)
SELECT DISTINCT beside.kind
FROM had JOIN queue ON queue.name = had.queue AND queue.limited
JOIN lane AS beside ON beside.queue = queue.name
