-- name: record_run_events
-- The run's row lock makes the order of commits the order of numbers, without gaps.
WITH numbered AS (
    UPDATE run SET next_seq = next_seq + jsonb_array_length(%(events)s)
    WHERE id = %(run_id)s
    RETURNING id, project_id, next_seq - jsonb_array_length(%(events)s) AS first
)
INSERT INTO event (id, project_id, run_id, seq, task_id, type, payload)
SELECT item ->> 'id', numbered.project_id, numbered.id, numbered.first + place - 1,
       item ->> 'taskId', item ->> 'type', item -> 'payload'
FROM numbered, jsonb_array_elements(%(events)s) WITH ORDINALITY AS items (item, place)

-- name: record_project_event
-- What happens to a project outside a run has no number in a run.
INSERT INTO event (id, project_id, type, payload)
VALUES (%(id)s, %(project_id)s, %(type)s, %(payload)s)

-- name: create_task
-- A step of a run; it is ready once `unmet` is 0.
INSERT INTO task (id, run_id, kind, slug, sequence, definition, branch_name, unmet, priority, max_attempts)
VALUES (%(id)s, %(run_id)s, %(kind)s, %(slug)s, %(sequence)s, %(definition)s, %(branch_name)s,
        %(unmet)s, %(priority)s, %(max_attempts)s)

-- name: create_dependency
-- `task_id` waits for `depends_on`.
INSERT INTO task_dependency (task_id, depends_on) VALUES (%(task_id)s, %(depends_on)s)

-- name: ready_tasks
-- Tasks of a run that wait for nothing can be claimed.
INSERT INTO ready (task_id, run_id, priority)
SELECT id, run_id, priority FROM task
WHERE run_id = %(run_id)s AND status = 'pending' AND unmet = 0
ORDER BY sequence
ON CONFLICT DO NOTHING

-- name: claim_tasks
-- Free tasks whose time has come, and those whose lease has run out; the attempt counts from here.
WITH free AS (
    SELECT tenant_id, task_id FROM ready
    WHERE (lease_until IS NULL AND run_at <= clock_timestamp()) OR lease_until < clock_timestamp()
    ORDER BY priority DESC, n
    FOR UPDATE SKIP LOCKED
    LIMIT %(slots)s
)
UPDATE ready SET
    attempt = ready.attempt + 1,
    lease_token = ready.lease_token + 1,
    lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s),
    worker_id = %(worker_id)s
FROM free JOIN task ON task.tenant_id = free.tenant_id AND task.id = free.task_id
WHERE ready.tenant_id = free.tenant_id AND ready.task_id = free.task_id
RETURNING ready.tenant_id, ready.task_id, ready.run_id, ready.attempt, ready.lease_token,
          task.kind, task.request_id, task.traceparent, task.tracestate

-- name: extend_leases
-- Keep what this worker works on; a lease that is not returned is lost. A locked row is being
-- recorded and needs no more time; to wait for it could be a deadlock with the end of its run.
WITH free AS (
    SELECT tenant_id, task_id FROM ready
    WHERE worker_id = %(worker_id)s AND task_id = ANY(%(task_ids)s)
    FOR UPDATE SKIP LOCKED
), extended AS (
    UPDATE ready SET lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
    FROM free WHERE ready.tenant_id = free.tenant_id AND ready.task_id = free.task_id
)
SELECT task_id, lease_token FROM ready
WHERE worker_id = %(worker_id)s AND task_id = ANY(%(task_ids)s)

-- name: hand_back_leases
-- A worker that stops gives back what it has not finished; that was no attempt.
UPDATE ready SET lease_until = NULL, worker_id = NULL, attempt = attempt - 1
FROM (
    SELECT tenant_id, task_id FROM ready WHERE worker_id = %(worker_id)s
    ORDER BY tenant_id, task_id FOR UPDATE
) AS held
WHERE ready.tenant_id = held.tenant_id AND ready.task_id = held.task_id

-- name: give_back_lease
-- The task could not be done for want of the database; that was no attempt. It waits a moment.
UPDATE ready SET lease_until = NULL, worker_id = NULL, attempt = attempt - 1,
    run_at = clock_timestamp() + interval '1 second'
WHERE task_id = %(task_id)s AND lease_token = %(lease_token)s

-- name: fence
-- Whoever holds the lease may write: lock the run first (as everyone does), then the lease.
-- One that was given back is held by nobody, although its token is still the newest.
WITH held AS (SELECT id FROM run WHERE id = %(run_id)s FOR UPDATE)
SELECT ready.lease_token FROM held JOIN ready ON ready.run_id = held.id
WHERE ready.task_id = %(task_id)s AND ready.lease_token = %(lease_token)s
  AND ready.lease_until IS NOT NULL
FOR UPDATE OF ready

-- name: start_task
-- Begun, or begun again after a worker was lost.
UPDATE task SET status = 'running', attempt = %(attempt)s,
    started_at = coalesce(started_at, clock_timestamp())
WHERE id = %(task_id)s AND status IN ('pending', 'running')
RETURNING id, run_id, kind, slug, sequence, definition, branch_name, attempt, max_attempts

-- name: start_run
-- The first task that begins, begins the run.
UPDATE run SET started_at = clock_timestamp() WHERE id = %(run_id)s AND started_at IS NULL

-- name: complete_task
-- Record the result, let go of the lease and make ready what waited for this alone.
WITH done AS (
    UPDATE task SET status = 'succeeded', result = %(result)s, error = NULL,
        completed_at = clock_timestamp()
    WHERE id = %(task_id)s AND status = 'running'
    RETURNING id
), released AS (
    DELETE FROM ready USING done WHERE ready.task_id = done.id
), unlocked AS (
    UPDATE task SET unmet = unmet - 1
    FROM task_dependency AS dependency, done
    WHERE dependency.depends_on = done.id AND task.id = dependency.task_id
    RETURNING task.id, task.run_id, task.priority, task.unmet, task.status, task.sequence
)
INSERT INTO ready (task_id, run_id, priority)
SELECT id, run_id, priority FROM unlocked WHERE unmet = 0 AND status = 'pending' ORDER BY sequence

-- name: retry_task
-- Back to waiting; the lease ends, the attempt stays counted.
WITH again AS (
    UPDATE task SET status = 'pending', error = %(error)s
    WHERE id = %(task_id)s AND status = 'running'
    RETURNING id
)
UPDATE ready SET lease_until = NULL, worker_id = NULL,
    run_at = clock_timestamp() + make_interval(secs => %(delay_seconds)s)
FROM again WHERE ready.task_id = again.id

-- name: fail_task
-- No further attempt.
WITH failed AS (
    UPDATE task SET status = 'failed', error = %(error)s, completed_at = clock_timestamp()
    WHERE id = %(task_id)s AND status IN ('pending', 'running')
    RETURNING id
)
DELETE FROM ready USING failed WHERE ready.task_id = failed.id

-- name: cancel_tasks
-- Everything of the run that has not ended, ends here; leases are lost with it.
WITH held AS (
    SELECT tenant_id, task_id FROM ready WHERE run_id = %(run_id)s
    ORDER BY tenant_id, task_id FOR UPDATE
), released AS (
    DELETE FROM ready USING held
    WHERE ready.tenant_id = held.tenant_id AND ready.task_id = held.task_id
)
UPDATE task SET status = 'cancelled', completed_at = clock_timestamp()
WHERE run_id = %(run_id)s AND status IN ('pending', 'running')
RETURNING id

-- name: advance_run
-- To the next phase, from the one before.
UPDATE run SET status = %(status)s WHERE id = %(run_id)s AND status = %(before)s

-- name: end_run
-- A live run ends once.
UPDATE run SET status = %(status)s, error = %(error)s, completed_at = clock_timestamp()
WHERE id = %(run_id)s AND status IN ('decomposing', 'executing', 'merging', 'verifying')
RETURNING id, kind, project_id

-- name: count_unfinished
-- How many tasks of the run have not succeeded.
SELECT count(*) FROM task WHERE run_id = %(run_id)s AND status <> 'succeeded'

-- name: see_worker
-- A worker is alive.
INSERT INTO worker (id) VALUES (%(worker_id)s)
ON CONFLICT (id) DO UPDATE SET seen_at = now()

-- name: forget_worker
-- A worker stopped in order.
DELETE FROM worker WHERE id = %(worker_id)s OR seen_at < now() - interval '1 day'
