-- name: tell_time
-- The clock by which everything is due.
SELECT clock_timestamp()

-- name: count_workers
-- Workers that are alive.
SELECT count(*) FROM worker WHERE seen_at > now() - interval '15 seconds'

-- name: get_vitals
-- How the engine is: workers that are alive (those that come over HTTP say so less often), leases
-- lost in the last hour, and how long the first free task of each of the first thousand lanes has
-- waited; of all, and of those that are done by the installation's own workers. It goes from lane to
-- lane by the index, so that it costs as much with a million tasks as with one.
WITH RECURSIVE first AS (
    (SELECT tenant_id, lane, free_since FROM ready
     WHERE lease_until IS NULL AND run_at IS NULL ORDER BY lane, n LIMIT 1)
    UNION ALL
    SELECT next.* FROM first CROSS JOIN LATERAL (
        SELECT tenant_id, lane, free_since FROM ready
        WHERE ready.lane > first.lane AND lease_until IS NULL AND run_at IS NULL
        ORDER BY ready.lane, n LIMIT 1
    ) AS next
), waiting AS (
    SELECT greatest(extract(epoch FROM clock_timestamp() - first.free_since), 0)::double precision AS seconds,
           NOT starts_with(lane.kind, 'job.') OR lane.kind = ANY(%(own)s) AS own
    FROM (SELECT * FROM first LIMIT 1000) AS first
    JOIN lane ON lane.tenant_id = first.tenant_id AND lane.id = first.lane
    JOIN queue ON queue.tenant_id = lane.tenant_id AND queue.name = lane.queue
    WHERE queue.paused_at IS NULL
)
SELECT (SELECT count(*) FROM worker WHERE seen_at > now() - interval '15 seconds') AS workers_alive,
       (SELECT count(*) FROM (
            SELECT FROM job_worker WHERE seen_at > now() - interval '60 seconds' LIMIT 10000
        ) AS heard) AS http_workers_alive,
       (SELECT coalesce(max(seconds), 0.0) FROM waiting) AS oldest_ready_seconds,
       (SELECT coalesce(max(seconds), 0.0) FROM waiting WHERE own) AS oldest_own_ready_seconds,
       (SELECT coalesce(sum(leases), 0)::bigint FROM lease_loss
        WHERE minute > clock_timestamp() - interval '1 hour') AS leases_lost_last_hour

-- name: get_queue_depth
-- What waits for a worker, what waits for its time or a place, what is worked on, and what graphs wait
-- for; who counts stops at `most`. Each is a walk along an index; without the order it would be a bitmap of
-- the whole index. What rests is found lane by lane, as a lane says whether its tasks are waits of graphs.
WITH RECURSIVE resting AS (
    (SELECT tenant_id, lane FROM ready WHERE run_at IS NOT NULL ORDER BY lane, run_at LIMIT 1)
    UNION ALL
    SELECT next.* FROM resting CROSS JOIN LATERAL (
        SELECT tenant_id, lane FROM ready WHERE ready.lane > resting.lane AND run_at IS NOT NULL
        ORDER BY ready.lane, run_at LIMIT 1
    ) AS next
), later AS (
    SELECT lane.id AS lane, starts_with(lane.kind, 'engine.') AS waits
    FROM (SELECT * FROM resting LIMIT %(most)s) AS found
    JOIN lane ON lane.tenant_id = found.tenant_id AND lane.id = found.lane
)
SELECT (SELECT count(*) FROM (
            SELECT FROM ready WHERE lease_until IS NULL AND run_at IS NULL ORDER BY lane, n LIMIT %(most)s) AS free) AS ready,
       (SELECT count(*) FROM (
            SELECT FROM later CROSS JOIN LATERAL (
                SELECT FROM ready WHERE ready.lane = later.lane AND run_at IS NOT NULL
                ORDER BY run_at LIMIT %(most)s) AS one
            WHERE NOT later.waits LIMIT %(most)s) AS each) AS delayed,
       (SELECT count(*) FROM (
            SELECT FROM ready WHERE lease_until IS NOT NULL ORDER BY lease_until LIMIT %(most)s) AS leased) AS running,
       (SELECT count(*) FROM (
            SELECT FROM later CROSS JOIN LATERAL (
                SELECT FROM ready WHERE ready.lane = later.lane AND run_at IS NOT NULL
                ORDER BY run_at LIMIT %(most)s) AS one
            WHERE later.waits LIMIT %(most)s) AS each) AS waiting

-- name: forget_losses
-- What was lost more than a day ago.
DELETE FROM lease_loss WHERE minute < now() - interval '1 day'

-- name: get_stats
-- Figures across tenants, beside those of the queue, which are known.
SELECT
    (SELECT jsonb_build_object(
        'total', count(*) FILTER (WHERE status <> 'archived'),
        'active', count(*) FILTER (WHERE status IN ('clarifying', 'spec_review', 'approved', 'building')))
     FROM project) AS projects,
    (SELECT jsonb_build_object(
        'total', count(*),
        'succeeded', count(*) FILTER (WHERE status = 'succeeded'),
        'failed', count(*) FILTER (WHERE status = 'failed'),
        'inProgress', count(*) FILTER (WHERE status IN ('decomposing', 'executing', 'merging', 'verifying')))
     FROM run WHERE kind = 'build' AND id >= 'run_' AND id < 'run`') AS runs,
    jsonb_build_object(
        'pending', %(pending)s::bigint, 'processing', %(processing)s::bigint) AS queue,
    (SELECT jsonb_build_object(
        'total', count(*) FILTER (WHERE seen_at > now() - interval '1 day'),
        'active', count(*) FILTER (WHERE seen_at > now() - interval '15 seconds'))
     FROM worker) AS workers

-- name: forget_skips
-- A schedule may skip a time each minute, for ever.
DELETE FROM event
WHERE run_id IS NULL AND type = 'schedule.skipped' AND created_at < now() - make_interval(days => %(days)s)
  AND id IN (SELECT id FROM event
             WHERE run_id IS NULL AND type = 'schedule.skipped'
               AND created_at < now() - make_interval(days => %(days)s)
             LIMIT %(most)s)

-- name: keep_weeks
-- The partitions of jobs: those to come are made, those whose time is over are dropped.
SELECT keep_weeks(%(ahead)s, %(days)s)
