-- name: count_workers
-- Workers that are alive.
SELECT count(*) FROM worker WHERE seen_at > now() - interval '15 seconds'

-- name: get_queue_depth
-- What waits for a worker, what waits for its time, and what is worked on.
SELECT count(*) FILTER (WHERE lease_until < now() OR (lease_until IS NULL AND (run_at IS NULL OR run_at <= now()))) AS ready,
       count(*) FILTER (WHERE lease_until IS NULL AND run_at > now()) AS delayed,
       count(*) FILTER (WHERE lease_until >= now()) AS running
FROM ready

-- name: get_stats
-- Figures across tenants.
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
     FROM run WHERE kind = 'build') AS runs,
    (SELECT jsonb_build_object(
        'pending', count(*) FILTER (WHERE lease_until IS NULL OR lease_until < now()),
        'processing', count(*) FILTER (WHERE lease_until >= now()))
     FROM ready) AS queue,
    (SELECT jsonb_build_object(
        'total', count(*) FILTER (WHERE seen_at > now() - interval '1 day'),
        'active', count(*) FILTER (WHERE seen_at > now() - interval '15 seconds'))
     FROM worker) AS workers

-- name: keep_weeks
-- The partitions of jobs: those to come are made, those whose time is over are dropped.
SELECT keep_weeks(%(ahead)s, %(days)s)
