-- name: list_queues
-- The tenant's queues by name, but not the product's own, each with at most so many of each counted.
SELECT name, paused_at IS NOT NULL AS paused, concurrency,
       CASE WHEN rate_limit IS NOT NULL THEN jsonb_build_object('limit', rate_limit, 'periodSeconds', rate_period_s)
       END AS rate_limit,
       queue_counts(queue, %(most)s) AS counts, oldest_ready(queue) AS oldest_ready_at, created_at, updated_at
FROM queue
WHERE name <> '_own' AND (%(names)s::text[] IS NULL OR name = ANY(%(names)s))
ORDER BY name LIMIT %(limit)s OFFSET %(offset)s

-- name: count_queues
-- How many there are on all pages.
SELECT count(*) FROM queue
WHERE name <> '_own' AND (%(names)s::text[] IS NULL OR name = ANY(%(names)s))

-- name: get_queue
-- One queue.
SELECT name, paused_at IS NOT NULL AS paused, concurrency,
       CASE WHEN rate_limit IS NOT NULL THEN jsonb_build_object('limit', rate_limit, 'periodSeconds', rate_period_s)
       END AS rate_limit,
       queue_counts(queue, %(most)s) AS counts, oldest_ready(queue) AS oldest_ready_at, created_at, updated_at
FROM queue WHERE name = %(queue)s

-- name: lock_queue
-- Whoever compares before changing keeps others out meanwhile.
SELECT FROM queue WHERE name = %(queue)s FOR NO KEY UPDATE

-- name: set_limits
-- A queue that was not there is now; what is not to change stays.
INSERT INTO queue (name, concurrency, rate_limit, rate_period_s)
VALUES (%(queue)s, %(concurrency)s, %(rate_limit)s, %(rate_period_s)s)
ON CONFLICT (tenant_id, name) DO UPDATE SET updated_at = now(),
    concurrency = CASE WHEN %(with_concurrency)s THEN excluded.concurrency ELSE queue.concurrency END,
    rate_limit = CASE WHEN %(with_rate)s THEN excluded.rate_limit ELSE queue.rate_limit END,
    rate_period_s = CASE WHEN %(with_rate)s THEN excluded.rate_period_s ELSE queue.rate_period_s END

-- name: pause_queue
-- It was at work.
UPDATE queue SET paused_at = now(), updated_at = now() WHERE name = %(queue)s AND paused_at IS NULL

-- name: resume_queue
-- It was paused.
UPDATE queue SET paused_at = NULL, updated_at = now() WHERE name = %(queue)s AND paused_at IS NOT NULL

-- name: close_queues
-- Nobody queues anything in the tenant before this transaction ends (keep_queues), nor while it waits for those who
-- do: so nothing here takes long.
SELECT set_config('lock_timeout', '300ms', true), set_config('statement_timeout', '1s', true),
       pg_advisory_xact_lock(hashtextextended(current_setting('prazium.tenant'), 2))

-- name: find_user
-- A schedule or a live graph that will send something to a queue. What is not there yet of a graph is in the
-- definitions of its tasks.
SELECT id FROM schedule WHERE coalesce(job ->> 'queue', 'default') = %(queue)s
UNION ALL
SELECT id FROM run
WHERE id >= 'run_' AND kind = 'graph' AND status IN ('queued', 'running') AND EXISTS (
    SELECT FROM task
    WHERE task.run_id = run.id AND task.status IN ('pending', 'waiting', 'running')
      AND (task.lane IN (SELECT lane.id FROM lane WHERE queue = %(queue)s)
           OR jsonb_path_exists(definition, '$.**.queue ? (@ == $queue)', jsonb_build_object('queue', %(queue)s::text))
           OR %(queue)s = 'default' AND jsonb_path_exists(definition, '$.**.graph')))
LIMIT 1

-- name: delete_queue
-- What knew it by its lanes finds them again (restore_lanes).
WITH gone AS (
    DELETE FROM lane WHERE queue = %(queue)s RETURNING id, queue, kind, priority
), kept AS (
    INSERT INTO lane_gone (id, queue, kind, priority) SELECT id, queue, kind, priority FROM gone
    ON CONFLICT DO NOTHING
), starts AS (
    DELETE FROM queue_start WHERE queue = %(queue)s
)
DELETE FROM queue WHERE name = %(queue)s

-- name: list_kinds
-- The kinds of tasks that were sent to a queue.
SELECT DISTINCT kind FROM lane WHERE queue = %(queue)s

-- name: list_failed_jobs
-- The dead letters of a queue below a place in their order, the last first.
SELECT run.id, substr(task.kind, 5) AS kind, run.queue, run.options, run.status, task.attempt,
       coalesce(run.tags, '{}') AS tags, coalesce(run.error, task.error) AS error,
       run.created_at, run.started_at, run.completed_at, dead.failed_at
FROM (
    SELECT run_id, failed_at FROM dead_letter
    WHERE queue = %(queue)s AND (failed_at, run_id) < (%(failed_at)s::timestamptz, %(run_id)s)
    ORDER BY failed_at DESC, run_id DESC LIMIT %(limit)s
) AS dead JOIN run ON run.id = dead.run_id JOIN task ON task.run_id = run.id
ORDER BY dead.failed_at DESC, dead.run_id DESC
