-- name: see_worker
-- A worker asks for jobs: it is alive, and does these. It has as much room as it ever asked for at once.
INSERT INTO job_worker (id, name, kinds, queues, slots)
VALUES (%(worker_id)s, %(name)s, %(kinds)s, %(queues)s, %(slots)s)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    name = excluded.name, kinds = excluded.kinds, queues = excluded.queues,
    slots = greatest(job_worker.slots, excluded.slots), seen_at = now()

-- name: hear_worker
-- A worker extends its leases: it is alive, and was told of so many that are lost.
UPDATE job_worker SET seen_at = now(), leases_lost = leases_lost + %(lost)s WHERE id = %(worker_id)s

-- name: forget_workers
-- Those that have not been heard of for a day.
DELETE FROM job_worker WHERE seen_at < now() - interval '1 day'

-- name: list_others
-- The leases of a worker, but those that it knows of.
SELECT run_id AS job_id, lease_token FROM ready
WHERE worker_id = %(worker_id)s AND lease_until IS NOT NULL AND NOT run_id = ANY(%(job_ids)s)
ORDER BY run_id LIMIT 1000

-- name: describe_jobs
-- What a worker is to know of jobs that it has just begun.
SELECT run.id AS run_id, run.queue, coalesce(run.tags, '{}') AS tags, run.options, ready.lease_until
FROM run JOIN ready ON ready.run_id = run.id
WHERE run.id = ANY(%(job_ids)s) AND ready.run_id = ANY(%(job_ids)s)

-- name: hold_jobs
-- The tasks of jobs that are held under these leases, locked: the runs first, as everyone does. They
-- are told the ids as such, or a planner without figures would walk over all that the tenant has. The
-- attempt is the lease's: the task does not know of one whose start is not recorded yet.
WITH lease AS (
    SELECT * FROM unnest(%(job_ids)s::text[], %(lease_tokens)s::bigint[]) AS lease (job_id, token)
), held AS (
    SELECT run.id, run.solo, run.queue, run.cost_msat, run.options FROM run
    WHERE run.id = ANY(%(job_ids)s) AND run.kind = 'job' ORDER BY run.id FOR UPDATE
)
SELECT task.id, task.run_id, task.kind, task.slug, task.sequence, 'null'::jsonb AS definition,
       task.branch_name, ready.attempt, task.max_attempts, ready.lease_token, ready.interrupted,
       coalesce(task.options, '{}') AS options, held.solo, task.request_id, task.traceparent,
       task.tracestate, held.queue, held.cost_msat,
       (held.options ->> 'maxCostMsat')::bigint AS max_cost_msat, coalesce(ready.log_from, 0) AS log_from,
       (SELECT result_hash FROM job_kind WHERE name = substr(task.kind, 5)) AS result_hash
FROM held JOIN lease ON lease.job_id = held.id
JOIN ready ON ready.run_id = held.id AND ready.lease_token = lease.token
JOIN task ON task.run_id = ready.run_id AND task.id = ready.task_id
WHERE ready.worker_id IS NOT NULL AND NOT task.kind = ANY(%(built_in)s)
FOR UPDATE OF ready

-- name: extend_leases
-- How leases stand, in their order; those that are held last for a while again. A locked row is being
-- recorded and needs no more time; to wait for it could be a deadlock with the end of its run.
WITH lease AS (
    SELECT * FROM unnest(%(job_ids)s::text[], %(lease_tokens)s::bigint[]) WITH ORDINALITY
        AS lease (job_id, token, place)
), held AS (
    SELECT lease.place, ready.run_id, ready.task_id, ready.lease_until
    FROM lease JOIN ready ON ready.run_id = lease.job_id AND ready.lease_token = lease.token
    JOIN lane ON lane.id = ready.lane
    WHERE ready.run_id = ANY(%(job_ids)s) AND ready.worker_id IS NOT NULL
      AND NOT lane.kind = ANY(%(built_in)s)
      AND (%(queues)s::text[] IS NULL OR lane.queue = ANY(%(queues)s))
), free AS (
    SELECT ready.run_id, ready.task_id FROM ready JOIN held USING (run_id, task_id)
    WHERE ready.worker_id IS NOT NULL
    FOR UPDATE OF ready SKIP LOCKED
), extended AS (
    UPDATE ready SET lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
    FROM free WHERE ready.run_id = free.run_id AND ready.task_id = free.task_id
    RETURNING ready.run_id, ready.lease_until
)
SELECT lease.job_id,
       CASE WHEN held.run_id IS NOT NULL THEN 'held'
            WHEN run.status = 'cancelled' THEN 'cancelled' ELSE 'lost' END AS state,
       coalesce(extended.lease_until, held.lease_until) AS lease_until
FROM lease LEFT JOIN held USING (place) LEFT JOIN extended ON extended.run_id = held.run_id
LEFT JOIN (SELECT id, status FROM run WHERE id = ANY(%(job_ids)s) AND kind = 'job') AS run ON run.id = lease.job_id
ORDER BY lease.place

-- name: release_job
-- Free again, at once or later, as if it had not been claimed; or it expires, if it was interrupted and may
-- not be done again. The run is locked by whoever calls this. A lease that is held no more changes nothing:
-- the job may have ended meanwhile, and would be waiting for ever.
WITH met AS (
    SELECT %(interrupted)s AND coalesce(options ->> 'replay', 'safe') <> 'safe' AS final FROM task
    WHERE run_id = %(job_id)s AND id = %(task_id)s
), freed AS (
    UPDATE ready SET n = DEFAULT, free_since = DEFAULT, lease_until = NULL, worker_id = NULL,
        attempt = attempt - CASE WHEN (SELECT final FROM met) THEN 0 ELSE 1 END,
        interrupted = interrupted OR %(interrupted)s,
        expires_at = CASE WHEN (SELECT final FROM met) THEN clock_timestamp() ELSE end_by END,
        run_at = CASE WHEN (SELECT final FROM met) THEN 'infinity'
                      WHEN %(delay_seconds)s > 0 THEN clock_timestamp() + make_interval(secs => %(delay_seconds)s) END
    WHERE run_id = %(job_id)s AND task_id = %(task_id)s AND lease_token = %(lease_token)s
      AND worker_id IS NOT NULL
    RETURNING run_id
), waiting AS (
    UPDATE task SET status = 'pending'
    WHERE run_id = %(job_id)s AND id = %(task_id)s AND EXISTS (SELECT FROM freed)
)
UPDATE run SET status = 'queued' WHERE id = %(job_id)s AND EXISTS (SELECT FROM freed)

-- name: get_state
-- Where a job stands.
SELECT status, queue FROM run WHERE id = %(job_id)s AND kind = 'job'

-- name: add_costs
-- What attempts have cost; their leases are held by whoever calls this.
UPDATE run SET cost_msat = least(cost_msat + item.cost, 9007199254740991)
FROM unnest(%(job_ids)s::text[], %(costs)s::bigint[]) AS item (job_id, cost)
WHERE run.id = item.job_id

-- name: set_progress
-- The last word counts.
UPDATE run SET progress = %(progress)s WHERE id = %(job_id)s

-- name: last_line
-- The number of the last line that an attempt wrote into the log.
SELECT max(seq) FROM job_log
WHERE run_id = %(job_id)s AND seq > %(after)s AND seq <= %(until)s

-- name: add_lines
-- Lines of a log behind the last one; the run's lock keeps others out.
INSERT INTO job_log (run_id, seq, attempt, level, message, at)
SELECT %(job_id)s, seq, %(attempt)s, level, message, coalesce(at, clock_timestamp())
FROM json_to_recordset(%(lines)s) AS line (seq bigint, level text, message text, at timestamptz)
