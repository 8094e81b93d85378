-- name: list_created
-- Jobs that were just asked for, as they stand.
SELECT id, status, created_at FROM run WHERE id = ANY(%(job_ids)s)

-- name: get_job
-- A job with its one task, and who is at it.
SELECT run.id, substr(task.kind, 5) AS kind, run.input, run.queue, run.status, task.attempt, run.options, run.dedupe_key,
       coalesce(run.tags, '{}') AS tags, run.progress, run.cost_msat, run.output AS result,
       coalesce(run.output_size, octet_length(run.output::text)) AS result_size,
       coalesce(run.error, task.error) AS error,
       CASE WHEN isfinite(ready.run_at) THEN ready.run_at END AS next_attempt_at,
       CASE WHEN ready.lease_until IS NOT NULL THEN ready.worker_id END AS worker_id,
       run.request_id, run.trace_id, run.created_at, run.started_at, run.completed_at
FROM run JOIN task ON task.run_id = run.id
LEFT JOIN ready ON ready.run_id = task.run_id AND ready.task_id = task.id
WHERE run.id = %(job_id)s AND run.kind = 'job'

-- name: get_job_state
-- Whether there is such a job, and where it stands.
SELECT status FROM run WHERE id = %(job_id)s AND kind = 'job'

-- name: get_obstacle
-- Where a job is and stands, whose it is, whether its deadline has passed, and the live job that has its key.
SELECT run.queue, run.status, run.parent_id AS graph_id, dedupe.run_id AS rival_id,
       coalesce((run.options ->> 'deadline')::timestamptz <= now(), false) AS late
FROM run LEFT JOIN dedupe
    ON dedupe.queue = run.queue AND dedupe.key = run.dedupe_key AND dedupe.run_id <> run.id
WHERE run.id = %(job_id)s AND run.kind = 'job'

-- name: list_jobs
-- Jobs between two ids, newest first.
SELECT run.id, substr(task.kind, 5) AS kind, run.queue, run.options, run.status, task.attempt,
       coalesce(run.tags, '{}') AS tags, coalesce(run.error, task.error) AS error,
       run.created_at, run.started_at, run.completed_at
FROM (
    SELECT * FROM run
    WHERE kind = 'job' AND id < %(before)s AND id >= %(since)s
      AND id >= job_id_at(greatest(%(created_after)s::timestamptz - interval '1 hour', 'epoch'))
      AND id < job_id_at(greatest(%(created_before)s::timestamptz + interval '1 hour', 'epoch'))
      AND created_at >= %(created_after)s AND created_at < %(created_before)s
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(queue)s::text IS NULL OR queue = %(queue)s)
      AND (%(tag)s::text IS NULL OR tags @> ARRAY[%(tag)s::text])
      AND (%(schedule_id)s::text IS NULL OR options ->> 'scheduleId' = %(schedule_id)s)
      AND (%(kind)s::text IS NULL
           OR EXISTS (SELECT FROM task WHERE task.run_id = run.id AND task.kind = 'job.' || %(kind)s))
    ORDER BY id DESC LIMIT %(limit)s
) AS run JOIN task ON task.run_id = run.id
ORDER BY run.id DESC

-- name: reach
-- The job that so many are newer than, below an id; a search looks no further at once.
SELECT id FROM run WHERE kind = 'job' AND id < %(before)s
ORDER BY id DESC LIMIT 1 OFFSET %(span)s

-- name: find_live
-- The oldest jobs that have not ended and fit.
SELECT run.id FROM ready JOIN run ON run.id = ready.run_id
WHERE run.kind = 'job' AND run.status = ANY(%(statuses)s)
  AND (%(job_ids)s::text[] IS NULL OR run.id = ANY(%(job_ids)s))
  AND run.created_at >= %(created_after)s AND run.created_at < %(created_before)s
  AND (%(queues)s::text[] IS NULL OR run.queue = ANY(%(queues)s))
  AND (%(tag)s::text IS NULL OR run.tags @> ARRAY[%(tag)s::text])
  AND (%(schedule_id)s::text IS NULL OR run.options ->> 'scheduleId' = %(schedule_id)s)
  AND (%(kind)s::text IS NULL
       OR EXISTS (SELECT FROM task WHERE task.run_id = run.id AND task.kind = 'job.' || %(kind)s))
ORDER BY run.id LIMIT %(limit)s

-- name: find_ended
-- The oldest jobs that have ended, fit and can be queued again.
SELECT run.id FROM run
WHERE run.kind = 'job' AND run.parent_id IS NULL AND run.status = ANY(%(statuses)s)
  AND (%(job_ids)s::text[] IS NULL OR run.id = ANY(%(job_ids)s))
  AND run.id >= job_id_at(greatest(%(created_after)s::timestamptz - interval '1 hour', 'epoch'))
  AND run.id < job_id_at(greatest(%(created_before)s::timestamptz + interval '1 hour', 'epoch'))
  AND run.created_at >= %(created_after)s AND run.created_at < %(created_before)s
  AND (%(queues)s::text[] IS NULL OR run.queue = ANY(%(queues)s))
  AND (%(tag)s::text IS NULL OR run.tags @> ARRAY[%(tag)s::text])
  AND (%(schedule_id)s::text IS NULL OR run.options ->> 'scheduleId' = %(schedule_id)s)
  AND (%(kind)s::text IS NULL
       OR EXISTS (SELECT FROM task WHERE task.run_id = run.id AND task.kind = 'job.' || %(kind)s))
  AND coalesce((run.options ->> 'deadline')::timestamptz > now(), true)
  AND NOT EXISTS (SELECT FROM dedupe WHERE queue = run.queue AND key = run.dedupe_key)
ORDER BY run.id LIMIT %(limit)s

-- name: find_failed
-- The oldest dead letters that fit and can be queued again.
SELECT run.id FROM dead_letter JOIN run ON run.id = dead_letter.run_id
WHERE run.kind = 'job' AND run.status = ANY(%(statuses)s)
  AND (%(job_ids)s::text[] IS NULL OR run.id = ANY(%(job_ids)s))
  AND run.id >= job_id_at(greatest(%(created_after)s::timestamptz - interval '1 hour', 'epoch'))
  AND run.id < job_id_at(greatest(%(created_before)s::timestamptz + interval '1 hour', 'epoch'))
  AND run.created_at >= %(created_after)s AND run.created_at < %(created_before)s
  AND (%(queues)s::text[] IS NULL OR dead_letter.queue = ANY(%(queues)s))
  AND (%(tag)s::text IS NULL OR run.tags @> ARRAY[%(tag)s::text])
  AND (%(schedule_id)s::text IS NULL OR run.options ->> 'scheduleId' = %(schedule_id)s)
  AND (%(kind)s::text IS NULL
       OR EXISTS (SELECT FROM task WHERE task.run_id = run.id AND task.kind = 'job.' || %(kind)s))
  AND coalesce((run.options ->> 'deadline')::timestamptz > now(), true)
  AND NOT EXISTS (SELECT FROM dedupe WHERE queue = run.queue AND key = run.dedupe_key)
ORDER BY dead_letter.run_id LIMIT %(limit)s

-- name: hold_jobs
-- Lock those of these jobs that are in one of the states and one of the caller's queues, in the order in
-- which everyone does. What is to be changed is read by the next statement: this one may have seen it before
-- it waited.
SELECT id FROM run WHERE id = ANY(%(job_ids)s) AND kind = 'job' AND status = ANY(%(statuses)s)
  AND (%(queues)s::text[] IS NULL OR queue = ANY(%(queues)s))
ORDER BY id FOR UPDATE

-- name: requeue_jobs
-- Held jobs that have ended are queued again, but those of graphs, which have gone on without them, those
-- whose deadline has passed and those whose key a live one has. A `runAt` that is still ahead holds, and the
-- time in the queue counts from then. The tokens of their leases go on behind all that there were, or a worker
-- of the first round could write in the second. So do the lines of their logs,
-- in which each attempt has a span of numbers.
WITH item AS (
    SELECT run.id, run.queue, run.dedupe_key, run.status, item.event_id,
           (run.options ->> 'timeoutSeconds')::double precision AS timeout_s,
           (run.options ->> 'runAt')::timestamptz AS run_at,
           greatest((run.options ->> 'runAt')::timestamptz, clock_timestamp())
               + (run.options ->> 'queueTimeoutSeconds')::integer * interval '1 second' AS start_by,
           (run.options ->> 'deadline')::timestamptz AS end_by,
           run.options #>> '{concurrency,key}' AS concurrency_key,
           (run.options #>> '{concurrency,limit}')::integer AS concurrency_limit,
           coalesce((run.options ->> 'priority')::integer, 0) AS priority
    FROM unnest(%(job_ids)s::text[], %(event_ids)s::text[]) AS item (run_id, event_id)
    JOIN run ON run.id = item.run_id
    WHERE run.parent_id IS NULL
      AND coalesce((run.options ->> 'deadline')::timestamptz > clock_timestamp(), true)
), keyed AS (
    INSERT INTO dedupe (queue, key, run_id)
    SELECT queue, dedupe_key, id FROM item WHERE dedupe_key IS NOT NULL ORDER BY queue, dedupe_key
    ON CONFLICT DO NOTHING
    RETURNING run_id
), fresh AS (
    SELECT * FROM item
    WHERE dedupe_key IS NULL OR id IN (SELECT run_id FROM keyed)
), moved AS (
    UPDATE run SET status = 'queued', open_tasks = 1, next_seq = run.next_seq + 1, progress = NULL,
        output = NULL, output_blob = NULL, output_size = NULL, error = NULL, cost_msat = 0,
        started_at = NULL, completed_at = NULL
    FROM fresh WHERE run.id = fresh.id
    RETURNING run.id, run.next_seq - 1 AS seq, fresh.status AS previous, fresh.event_id
), tasks AS (
    UPDATE task SET status = 'pending', attempt = 0, result = NULL, error = NULL,
        started_at = NULL, completed_at = NULL
    FROM fresh WHERE task.run_id = fresh.id
    RETURNING task.run_id, task.id AS task_id, task.lane, task.kind, fresh.run_at, fresh.timeout_s,
              fresh.start_by, fresh.end_by, fresh.concurrency_key, fresh.concurrency_limit, fresh.priority
), freed AS (
    INSERT INTO ready (run_id, task_id, lane, solo, lease_token, timeout_s, start_by, end_by, expires_at,
                       concurrency_key, concurrency_limit, priority, run_at, log_from)
    SELECT run_id, task_id, lane, true, later_token(),
           timeout_s, start_by, end_by, least(start_by, end_by), concurrency_key, concurrency_limit, priority,
           CASE WHEN run_at > clock_timestamp() THEN run_at
                WHEN concurrency_key IS NOT NULL THEN 'infinity' END,
           (SELECT ((max(seq) - 1) / %(span)s + 1) * %(span)s FROM job_log WHERE job_log.run_id = tasks.run_id)
    FROM tasks ORDER BY run_id
), told AS (
    INSERT INTO event (id, run_id, seq, type, payload)
    SELECT event_id, id, seq, 'job.retried', jsonb_build_object('previousStatus', previous) FROM moved
)
SELECT run_id, kind FROM tasks

-- name: spill_result
-- The result is outside the row; its lease is held by whoever calls this.
UPDATE run SET output_blob = %(name)s, output_size = %(size)s WHERE id = %(job_id)s

-- name: list_spilled
-- Which of these blobs are results, in any tenant.
SELECT output_blob AS name FROM run WHERE output_blob = ANY(%(names)s)

-- name: get_result
-- What came of a job, or where that is.
SELECT status, output, output_blob FROM run WHERE id = %(job_id)s AND kind = 'job'

-- name: list_logs
-- Lines of a job's log in order.
SELECT seq, attempt, level, message, at FROM job_log
WHERE run_id = %(job_id)s AND seq > %(after_seq)s
  AND (%(level)s::text IS NULL OR level = %(level)s)
ORDER BY seq LIMIT %(limit)s

-- name: get_job_progress
-- How far the log of a job is, whether more can come, and whether the caller may still see it.
SELECT next_seq - 1 AS last_seq, completed_at IS NOT NULL AS ended,
  EXISTS (SELECT FROM api_key WHERE api_key.id = %(key_id)s
    AND (api_key.revoked_at IS NOT NULL OR api_key.expires_at <= now())) AS key_ended
FROM run WHERE id = %(run_id)s AND kind = 'job'
