-- name: enqueue_runs
-- Solo runs: each with its one task, ready now or later, and its first event. One whose key a live
-- run has already is left out; one with a concurrency key is parked until it is given a place. What runs
-- have in common is said once, in their series.
WITH series AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(series)s) AS series (
        series integer, kind text, name text, trigger text, task_kind text, queue text, lane bigint, priority integer,
        max_attempts integer, timeout_s double precision, concurrency_limit integer, depth integer)
    WHERE (SELECT keep_queues())
), item AS (
    SELECT * FROM json_to_recordset(%(runs)s) AS item (
        series integer, run_id text, task_id text, event_id text, input jsonb, options jsonb, tags text[],
        dedupe_key text, run_at timestamptz, task_options jsonb, start_by timestamptz, end_by timestamptz,
        concurrency_key text, parent_id text, parent_task text)
    JOIN series USING (series)
), queues AS (
    INSERT INTO queue (name) SELECT DISTINCT queue FROM series ORDER BY queue ON CONFLICT DO NOTHING
), lanes AS (
    INSERT INTO lane (id, queue, kind, priority)
    SELECT DISTINCT lane, queue, task_kind, priority FROM series ORDER BY lane
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
           parent_id, parent_task, depth
    FROM fresh
), tasks AS (
    INSERT INTO task (run_id, id, kind, slug, sequence, lane, max_attempts, options)
    SELECT run_id, task_id, task_kind, kind, 0, lane, max_attempts, task_options FROM fresh
), events AS (
    INSERT INTO event (id, run_id, seq, type, payload)
    SELECT event_id, run_id, 1, 'run.created',
           CASE WHEN options ? 'scheduleId' THEN jsonb_build_object(
               'kind', kind, 'jobKind', name, 'queue', queue, 'scheduleId', options -> 'scheduleId')
           ELSE jsonb_build_object('kind', kind, 'jobKind', name, 'queue', queue) END
    FROM fresh
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

-- name: read_solo
-- Solo runs that were claimed in this transaction, as their functions see them. Each is looked up by its
-- ids, so that no plan can take longer than linear. An array would be planned anew at each call, by its
-- length; that takes longer than to look.
SELECT run.id AS run_id, run.input AS definition, task.slug, task.max_attempts,
       coalesce(task.options, '{}') AS options, task.request_id, task.traceparent, task.tracestate
FROM json_to_recordset(%(leases)s) AS lease (run_id text, task_id text)
CROSS JOIN LATERAL (SELECT * FROM run WHERE run.id = lease.run_id LIMIT 1) AS run
CROSS JOIN LATERAL (SELECT * FROM task WHERE task.run_id = lease.run_id AND task.id = lease.task_id LIMIT 1) AS task

-- name: begin_solo
-- The starts of attempts at solo runs are recorded, as far as they are not yet; whoever does not hold the
-- lease any more gets nothing. Runs are locked first (as everyone does). Nothing is joined:
-- rows are found by the runs' ids, and what belongs to one is looked up in a JSON object by its id. So
-- no plan can take longer than linear, whatever was known of the tables when it was made.
WITH claimed AS (
    SELECT jsonb_object_agg(run_id, jsonb_build_object('token', lease_token, 'event', event_id)) AS by_run
    FROM json_to_recordset(%(leases)s) AS claimed (run_id text, lease_token bigint, event_id text)
), held AS (
    SELECT run.id FROM run WHERE run.id = ANY(%(run_ids)s) ORDER BY run.id FOR UPDATE
), fenced AS (
    UPDATE ready SET begun = true
    WHERE (SELECT count(*) FROM held) > 0 AND run_id = ANY(%(run_ids)s) AND worker_id IS NOT NULL
      AND lease_token = ((SELECT by_run FROM claimed) -> run_id ->> 'token')::bigint AND NOT begun
    RETURNING run_id, attempt, lease_token, interrupted, worker_id
), fences AS (
    SELECT jsonb_object_agg(run_id, jsonb_build_object('attempt', attempt, 'token', lease_token,
                                                       'interrupted', interrupted, 'worker', worker_id)) AS by_run
    FROM fenced
), begun AS (
    UPDATE task SET status = 'running', attempt = ((SELECT by_run FROM fences) -> run_id ->> 'attempt')::integer,
        started_at = coalesce(started_at, clock_timestamp())
    WHERE run_id = ANY(ARRAY(SELECT run_id FROM fenced)) AND status IN ('pending', 'running')
    RETURNING run_id, id, kind, slug, sequence, attempt, max_attempts, options, request_id, traceparent,
              tracestate
), steps AS (
    SELECT jsonb_object_agg(run_id, to_jsonb(begun)) AS by_run FROM begun
), moved AS (
    UPDATE run SET status = 'running', started_at = coalesce(started_at, clock_timestamp()),
        next_seq = next_seq + CASE WHEN ((SELECT by_run FROM steps) -> id ->> 'attempt')::integer
            <= ((SELECT by_run FROM steps) -> id ->> 'max_attempts')::integer THEN 1 ELSE 0 END
    WHERE id = ANY(ARRAY(SELECT run_id FROM begun))
    RETURNING id AS run_id, input, next_seq - 1 AS seq
), started AS (
    SELECT moved.run_id, moved.input, moved.seq, step.*,
           ((SELECT by_run FROM fences) -> moved.run_id ->> 'token')::bigint AS lease_token,
           ((SELECT by_run FROM fences) -> moved.run_id ->> 'interrupted')::boolean AS interrupted,
           (SELECT by_run FROM fences) -> moved.run_id -> 'worker' AS worker
    FROM moved CROSS JOIN LATERAL jsonb_to_record((SELECT by_run FROM steps) -> moved.run_id) AS step (
        id text, kind text, slug text, sequence integer, attempt integer, max_attempts integer,
        options jsonb, request_id text, traceparent text, tracestate text)
), told AS (
    INSERT INTO event (id, run_id, seq, task_id, type, payload, request_id, trace_id)
    SELECT (SELECT by_run FROM claimed) -> run_id ->> 'event', run_id, seq, id, 'task.started',
           jsonb_build_object('slug', slug, 'attempt', attempt, 'workerId', worker), request_id,
           substr(traceparent, 4, 32)
    FROM started WHERE attempt <= max_attempts
)
SELECT id, run_id, kind, slug, sequence, input AS definition, NULL AS branch_name, attempt, max_attempts,
       coalesce(options, '{}') AS options, lease_token, interrupted, true AS solo, request_id, traceparent,
       tracestate, NULL::jsonb AS refs, NULL::jsonb AS results
FROM started

-- name: finish_solo
-- Solo runs end with their results, and let go of their leases and keys; the start of those that were
-- quick is recorded here. What is not returned was not this worker's any more. Nothing is joined here
-- either: what a worker says of each run is in `outcomes`, by its id.
WITH clock AS (
    SELECT clock_timestamp() AS now
), held AS (
    SELECT run.id FROM run WHERE run.id = ANY(%(run_ids)s) ORDER BY run.id FOR UPDATE
), released AS (
    DELETE FROM ready
    WHERE (SELECT count(*) FROM held) > 0 AND run_id = ANY(%(run_ids)s) AND worker_id IS NOT NULL
      AND lease_token = (%(outcomes)s::jsonb -> run_id -> 'lease_token')::bigint
    RETURNING run_id, limited OR concurrency_key IS NOT NULL AS limited, begun, worker_id
), unbegun AS (
    SELECT coalesce(jsonb_object_agg(run_id, worker_id), '{}') AS runs FROM released WHERE NOT begun
), places AS (
    SELECT coalesce(jsonb_object_agg(run_id, true), '{}') AS runs FROM released WHERE limited
), done AS (
    UPDATE task SET status = 'succeeded', error = NULL, completed_at = (SELECT now FROM clock),
        attempt = (%(outcomes)s::jsonb -> run_id -> 'attempt')::integer,
        started_at = coalesce(started_at, (SELECT now FROM clock) - make_interval(
            secs => (%(outcomes)s::jsonb -> run_id -> 'seconds')::double precision))
    WHERE run_id = ANY(ARRAY(SELECT run_id FROM released)) AND status IN ('pending', 'running')
    RETURNING run_id
), moved AS (
    UPDATE run SET status = 'succeeded', open_tasks = 0, completed_at = (SELECT now FROM clock),
        output = nullif(%(outcomes)s::jsonb -> id -> 'result', 'null'),
        next_seq = next_seq + CASE WHEN (SELECT runs FROM unbegun) ? id THEN 2 ELSE 1 END,
        started_at = coalesce(started_at, (SELECT now FROM clock) - make_interval(
            secs => (%(outcomes)s::jsonb -> id -> 'seconds')::double precision))
    WHERE id = ANY(ARRAY(SELECT run_id FROM done))
    RETURNING id AS run_id, queue, dedupe_key, parent_id, parent_task, next_seq - 1 AS seq
), ended AS (
    SELECT moved.*, outcome.* FROM moved
    CROSS JOIN LATERAL jsonb_to_record(%(outcomes)s::jsonb -> moved.run_id) AS outcome (
        task_id text, slug text, attempt integer, request_id text, trace_id text, seconds double precision,
        start_event_id text, event_id text)
), unkeyed AS (
    DELETE FROM dedupe USING moved
    WHERE moved.dedupe_key IS NOT NULL AND dedupe.queue = moved.queue AND dedupe.key = moved.dedupe_key
), started AS (
    INSERT INTO event (id, run_id, seq, task_id, type, payload, request_id, trace_id, created_at)
    SELECT start_event_id, run_id, seq - 1, task_id, 'task.started',
           jsonb_build_object('slug', slug, 'attempt', attempt, 'workerId', (SELECT runs FROM unbegun) -> run_id),
           request_id, trace_id,
           (SELECT now FROM clock) - make_interval(secs => seconds)
    FROM ended WHERE (SELECT runs FROM unbegun) ? run_id
), told AS (
    INSERT INTO event (id, run_id, seq, type, payload, request_id, trace_id, created_at)
    SELECT event_id, run_id, seq, 'run.completed', '{"status": "succeeded"}', request_id, trace_id,
           (SELECT now FROM clock)
    FROM ended
)
SELECT run_id, task_id, (SELECT runs FROM places) ? run_id AS limited, parent_id, parent_task FROM ended

-- name: cancel_solo
-- Solo runs that are held end here; their leases are lost with them. Which tasks wait for them.
WITH item AS (
    SELECT * FROM unnest(%(run_ids)s::text[], %(event_ids)s::text[]) AS item (run_id, event_id)
), released AS (
    DELETE FROM ready USING item WHERE ready.run_id = item.run_id
), tasks AS (
    UPDATE task SET status = 'cancelled', completed_at = clock_timestamp()
    FROM item WHERE task.run_id = item.run_id AND task.status IN ('pending', 'waiting', 'running')
), moved AS (
    UPDATE run SET status = 'cancelled', open_tasks = 0, next_seq = run.next_seq + 1,
        completed_at = clock_timestamp()
    FROM item WHERE run.id = item.run_id
    RETURNING run.id, run.queue, run.dedupe_key, run.parent_id, run.parent_task, item.event_id,
              run.next_seq - 1 AS seq
), unkeyed AS (
    DELETE FROM dedupe USING moved WHERE dedupe.queue = moved.queue AND dedupe.key = moved.dedupe_key
), told AS (
    INSERT INTO event (id, run_id, seq, type, payload)
    SELECT event_id, id, seq, 'run.completed', '{"status": "cancelled"}' FROM moved
)
SELECT parent_id, parent_task FROM moved WHERE parent_id IS NOT NULL
