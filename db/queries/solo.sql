-- name: enqueue_runs
-- Solo runs: each with its one task, ready now or later, and its first event. One whose key a live
-- run has already is left out; one with a concurrency key is parked until it is given a place.
WITH item AS (
    SELECT * FROM json_to_recordset(%(runs)s) AS item (
        run_id text, task_id text, event_id text, kind text, trigger text, task_kind text, queue text,
        lane bigint, priority integer, input jsonb, options jsonb, tags text[], dedupe_key text,
        run_at timestamptz, max_attempts integer, task_options jsonb, timeout_s double precision,
        start_by timestamptz, end_by timestamptz, concurrency_key text, concurrency_limit integer,
        parent_id text, parent_task text, depth integer)
), queues AS (
    INSERT INTO queue (name) SELECT DISTINCT queue FROM item ORDER BY queue ON CONFLICT DO NOTHING
), lanes AS (
    INSERT INTO lane (id, queue, kind, priority)
    SELECT DISTINCT lane, queue, task_kind, priority FROM item ORDER BY lane
    ON CONFLICT DO NOTHING
), keyed AS (
    INSERT INTO dedupe (queue, key, run_id)
    SELECT queue, dedupe_key, run_id FROM item WHERE dedupe_key IS NOT NULL ORDER BY queue, dedupe_key
    ON CONFLICT DO NOTHING
    RETURNING run_id
), fresh AS (
    SELECT item.* FROM item
    WHERE dedupe_key IS NULL OR EXISTS (SELECT FROM keyed WHERE keyed.run_id = item.run_id)
), runs AS (
    INSERT INTO run (id, kind, solo, status, trigger, queue, dedupe_key, tags, input, options, open_tasks, next_seq,
                     parent_id, parent_task, depth)
    SELECT run_id, kind, true, 'queued', trigger, queue, dedupe_key, tags, input, options, 1, 2,
           parent_id, parent_task, coalesce(depth, 0)
    FROM fresh
), tasks AS (
    INSERT INTO task (run_id, id, kind, slug, sequence, lane, max_attempts, options)
    SELECT run_id, task_id, task_kind, kind, 0, lane, max_attempts, task_options FROM fresh
), events AS (
    INSERT INTO event (id, run_id, seq, type, payload)
    SELECT event_id, run_id, 1, 'run.created', jsonb_build_object('kind', kind) FROM fresh
)
INSERT INTO ready (run_id, task_id, lane, solo, run_at, timeout_s, start_by, end_by, expires_at,
                   concurrency_key, concurrency_limit, priority)
SELECT run_id, task_id, lane, true, CASE WHEN run_at > clock_timestamp() THEN run_at
                                   WHEN concurrency_key IS NOT NULL THEN 'infinity' END,
       timeout_s, start_by, end_by, least(start_by, end_by), concurrency_key, concurrency_limit, priority
FROM fresh ORDER BY run_id
RETURNING run_id

-- name: list_keyed
-- The live runs that have these keys.
SELECT dedupe.run_id, item.queue, item.key
FROM json_to_recordset(%(keys)s) AS item (queue text, key text)
JOIN dedupe ON dedupe.queue = item.queue AND dedupe.key = item.key

-- name: begin_solo
-- Solo runs that were claimed are begun, or begun again after a worker was lost; whoever does not
-- hold the lease any more gets nothing. Each step takes all that the next needs from the one before,
-- so that the time is linear. Runs are locked first (as everyone does).
WITH claimed AS (
    SELECT * FROM json_to_recordset(%(leases)s) AS claimed (
        run_id text, task_id text, lease_token bigint, event_id text)
    WHERE coalesce(run_id, '') = run_id  -- so that the planner expects few, and looks each up by its key
), held AS (
    SELECT run.id FROM run WHERE run.id = ANY(%(run_ids)s) ORDER BY run.id FOR UPDATE
), fenced AS (
    SELECT ready.*, claimed.event_id
    FROM claimed CROSS JOIN LATERAL (
        SELECT run_id, task_id, attempt, lease_token, interrupted FROM ready
        WHERE ready.run_id = claimed.run_id AND ready.task_id = claimed.task_id
          AND ready.lease_token = claimed.lease_token AND lease_until IS NOT NULL
        FOR UPDATE
    ) AS ready
    WHERE (SELECT count(*) FROM held) > 0
), begun AS (
    UPDATE task SET status = 'running', attempt = fenced.attempt,
        started_at = coalesce(started_at, clock_timestamp())
    FROM fenced
    WHERE task.run_id = fenced.run_id AND task.id = fenced.task_id AND task.status IN ('pending', 'running')
    RETURNING task.run_id, task.id, task.kind, task.slug, task.sequence, task.attempt, task.max_attempts,
              task.options, task.request_id, task.traceparent, task.tracestate,
              fenced.lease_token, fenced.interrupted, fenced.event_id
), moved AS (
    UPDATE run SET status = 'running', started_at = coalesce(run.started_at, clock_timestamp()),
        next_seq = run.next_seq + CASE WHEN begun.attempt <= begun.max_attempts THEN 1 ELSE 0 END
    FROM begun WHERE run.id = begun.run_id
    RETURNING run.input, run.next_seq - 1 AS seq, begun.*
), told AS (
    INSERT INTO event (id, run_id, seq, task_id, type, payload, request_id, trace_id)
    SELECT event_id, run_id, seq, id, 'task.started', jsonb_build_object('slug', slug, 'attempt', attempt),
           request_id, substr(traceparent, 4, 32)
    FROM moved WHERE attempt <= max_attempts
)
SELECT id, run_id, kind, slug, sequence, input AS definition, NULL AS branch_name, attempt, max_attempts,
       coalesce(options, '{}') AS options, lease_token, interrupted, true AS solo, request_id, traceparent,
       tracestate, NULL::jsonb AS refs, NULL::jsonb AS results
FROM moved

-- name: finish_solo
-- Solo runs end with their results, and let go of their leases and keys. What is not returned was not
-- this worker's any more.
WITH outcome AS (
    SELECT * FROM json_to_recordset(%(outcomes)s) AS outcome (
        run_id text, task_id text, lease_token bigint, event_id text, result jsonb)
    WHERE coalesce(run_id, '') = run_id
), held AS (
    SELECT run.id FROM run WHERE run.id = ANY(%(run_ids)s) ORDER BY run.id FOR UPDATE
), released AS (
    DELETE FROM ready USING outcome
    WHERE (SELECT count(*) FROM held) > 0
      AND ready.run_id = outcome.run_id AND ready.task_id = outcome.task_id
      AND ready.lease_token = outcome.lease_token AND ready.lease_until IS NOT NULL
    RETURNING ready.run_id, ready.task_id, ready.limited OR ready.concurrency_key IS NOT NULL AS limited,
              outcome.event_id, outcome.result
), done AS (
    UPDATE task SET status = 'succeeded', error = NULL, completed_at = clock_timestamp()
    FROM released
    WHERE task.run_id = released.run_id AND task.id = released.task_id AND task.status = 'running'
    RETURNING task.run_id, task.id AS task_id, task.request_id, task.traceparent,
              released.limited, released.event_id, released.result
), moved AS (
    UPDATE run SET status = 'succeeded', output = done.result, next_seq = run.next_seq + 1,
        open_tasks = 0, completed_at = clock_timestamp()
    FROM done WHERE run.id = done.run_id
    RETURNING run.queue, run.dedupe_key, run.parent_id, run.parent_task, run.next_seq - 1 AS seq, done.*
), unkeyed AS (
    DELETE FROM dedupe USING moved
    WHERE moved.dedupe_key IS NOT NULL AND dedupe.queue = moved.queue AND dedupe.key = moved.dedupe_key
), told AS (
    INSERT INTO event (id, run_id, seq, type, payload, request_id, trace_id)
    SELECT event_id, run_id, seq, 'run.completed', '{"status": "succeeded"}', request_id,
           substr(traceparent, 4, 32)
    FROM moved
)
SELECT run_id, task_id, true AS solo, 0 AS open_tasks, limited,
       NULL::text[] AS freed_kinds, NULL::text[] AS opened, parent_id, parent_task
FROM moved
