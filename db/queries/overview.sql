-- name: get_moment
-- Where two looks meet: the time, and the first transaction that may still write what comes after it.
SELECT clock_timestamp() AS at, pg_snapshot_xmin(pg_current_snapshot())::text AS first_open

-- name: list_queues
-- Queues, busy ones first, with what is in each; whoever counts stops at `most`. Which are busy is told
-- by walks from lane to lane along the indexes of what is free and of what is leased.
WITH RECURSIVE free AS (
    (SELECT tenant_id, lane FROM ready WHERE lease_until IS NULL AND run_at IS NULL ORDER BY lane, n LIMIT 1)
    UNION ALL
    SELECT next.* FROM free CROSS JOIN LATERAL (
        SELECT tenant_id, lane FROM ready WHERE ready.lane > free.lane AND lease_until IS NULL AND run_at IS NULL
        ORDER BY ready.lane, n LIMIT 1
    ) AS next
), leased AS (
    (SELECT tenant_id, lane FROM ready WHERE lease_until IS NOT NULL ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT next.* FROM leased CROSS JOIN LATERAL (
        SELECT tenant_id, lane FROM ready WHERE ready.lane > leased.lane AND lease_until IS NOT NULL
        ORDER BY ready.lane LIMIT 1
    ) AS next
), busy AS (
    SELECT DISTINCT lane.tenant_id, lane.queue
    FROM ((SELECT * FROM free LIMIT 1000) UNION (SELECT * FROM leased LIMIT 1000)) AS found
    JOIN lane ON lane.tenant_id = found.tenant_id AND lane.id = found.lane
), shown AS (
    SELECT queue.*, tenant.name AS tenant FROM queue JOIN tenant ON tenant.id = queue.tenant_id
    LEFT JOIN busy ON busy.tenant_id = queue.tenant_id AND busy.queue = queue.name
    WHERE (%(tenant)s::text IS NULL OR %(tenant)s IN (tenant.id, tenant.name))
      AND (%(queue)s::text IS NULL OR queue.name = %(queue)s)
    ORDER BY busy.queue IS NULL, tenant.name, queue.name LIMIT %(rows)s
)
SELECT shown.tenant_id, shown.tenant, shown.name AS queue, shown.paused_at IS NOT NULL AS paused,
       shown.concurrency, shown.rate_limit, shown.rate_period_s, ready.n AS ready, later.delayed, later.parked, waits.n AS waits,
       running.n AS running, failed.n AS failed, oldest.seconds AS oldest_s
FROM shown
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT FROM lane CROSS JOIN LATERAL (
            SELECT FROM ready WHERE ready.lane = lane.id AND lease_until IS NULL AND run_at IS NULL
            ORDER BY ready.n LIMIT %(most)s
        ) AS one
        WHERE lane.tenant_id = shown.tenant_id AND lane.queue = shown.name LIMIT %(most)s
    ) AS each
) AS ready
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE run_at < 'infinity') AS delayed,
           count(*) FILTER (WHERE run_at = 'infinity') AS parked
    FROM (
        SELECT one.run_at FROM lane CROSS JOIN LATERAL (
            SELECT run_at FROM ready WHERE ready.lane = lane.id AND run_at IS NOT NULL
            ORDER BY run_at LIMIT %(most)s
        ) AS one
        WHERE lane.tenant_id = shown.tenant_id AND lane.queue = shown.name
          AND NOT starts_with(lane.kind, 'engine.') LIMIT %(most)s
    ) AS each
) AS later
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT FROM lane CROSS JOIN LATERAL (
            SELECT FROM ready WHERE ready.lane = lane.id AND run_at IS NOT NULL
            ORDER BY run_at LIMIT %(most)s
        ) AS one
        WHERE lane.tenant_id = shown.tenant_id AND lane.queue = shown.name
          AND starts_with(lane.kind, 'engine.') LIMIT %(most)s
    ) AS each
) AS waits
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT FROM lane JOIN ready ON ready.lane = lane.id AND ready.lease_until IS NOT NULL
        WHERE lane.tenant_id = shown.tenant_id AND lane.queue = shown.name LIMIT %(most)s
    ) AS each
) AS running
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT FROM dead_letter
        WHERE dead_letter.tenant_id = shown.tenant_id AND dead_letter.queue = shown.name
        ORDER BY failed_at, run_id LIMIT %(most)s
    ) AS each
) AS failed
CROSS JOIN LATERAL (
    SELECT max(extract(epoch FROM clock_timestamp() - first.free_since))::double precision AS seconds
    FROM lane CROSS JOIN LATERAL (
        SELECT ready.free_since FROM ready
        WHERE ready.lane = lane.id AND ready.lease_until IS NULL AND ready.run_at IS NULL
        ORDER BY ready.n LIMIT 1
    ) AS first
    WHERE lane.tenant_id = shown.tenant_id AND lane.queue = shown.name
) AS oldest

-- name: find_unknown
-- Why no queue was found: there is no such tenant or no such queue; null if there is none at all yet.
SELECT CASE WHEN %(tenant)s::text IS NOT NULL AND NOT EXISTS (SELECT FROM tenant WHERE %(tenant)s IN (id, name))
            THEN 'tenant'
            WHEN %(queue)s::text IS NOT NULL THEN 'queue' END

-- name: list_flows
-- What began and ended in the queues of these tenants since the last look: of each tenant the first
-- `most` events, and in which time they happened. What is in no queue of its own is the product's.
SELECT events.tenant_id, coalesce(run.queue, '_own') AS queue,
       count(*) FILTER (WHERE events.type = 'task.started') AS starts,
       count(*) FILTER (WHERE events.type = 'task.completed' OR run.solo AND events.type = 'run.completed') AS ends,
       extract(epoch FROM CASE WHEN events.n < %(most)s THEN %(until)s ELSE events.last END
               - %(since)s::timestamptz)::double precision AS seconds
FROM unnest(%(tenant_ids)s::text[]) AS tenant (id) CROSS JOIN LATERAL (
    SELECT first.*, count(*) OVER () AS n, max(created_at) OVER () AS last FROM (
        SELECT tenant_id, run_id, type, created_at FROM event
        WHERE event.tenant_id = tenant.id AND xid >= %(first_open)s::xid8
          AND created_at >= %(since)s AND created_at < %(until)s AND run_id IS NOT NULL
        ORDER BY xid, event.id LIMIT %(most)s
    ) AS first
) AS events
JOIN run ON run.tenant_id = events.tenant_id AND run.id = events.run_id
GROUP BY events.tenant_id, coalesce(run.queue, '_own'), events.n, events.last

-- name: list_failures
-- Why jobs of these queues have failed lately; whoever counts stops at `most` in each.
SELECT code, count(*) AS failures, max(failed_at) AS last
FROM unnest(%(tenant_ids)s::text[], %(queues)s::text[]) AS shown (tenant_id, queue) CROSS JOIN LATERAL (
    SELECT code, failed_at FROM dead_letter
    WHERE dead_letter.tenant_id = shown.tenant_id AND dead_letter.queue = shown.queue
      AND failed_at > clock_timestamp() - make_interval(mins => %(minutes)s)
    ORDER BY failed_at DESC LIMIT %(most)s
) AS letter
GROUP BY code ORDER BY failures DESC, code LIMIT 20

-- name: list_workers
-- The installation's own workers, which tell how many tasks they are at, and those of tenants that come
-- over HTTP, whose leases are counted; heard of lately.
WITH held AS (
    SELECT worker_id, count(*) AS n
    FROM (SELECT worker_id FROM ready WHERE lease_until IS NOT NULL ORDER BY lease_until LIMIT %(most)s) AS lease GROUP BY worker_id
)
(
    SELECT NULL AS tenant, id, host || ':' || pid AS place, NULL::text[] AS kinds, queues, slots, working,
           leases_lost, extract(epoch FROM clock_timestamp() - started_at)::double precision AS up_s,
           extract(epoch FROM clock_timestamp() - seen_at)::double precision AS seen_s
    FROM worker
    WHERE seen_at > now() - interval '2 minutes' AND (%(queue)s::text IS NULL OR queues IS NULL OR %(queue)s = ANY(queues))
    ORDER BY started_at, id LIMIT %(rows)s
) UNION ALL (
    SELECT tenant.name, job_worker.id, coalesce(job_worker.name, ''), kinds, queues, slots, coalesce(held.n, 0)::integer,
           leases_lost,
           extract(epoch FROM clock_timestamp() - started_at)::double precision,
           extract(epoch FROM clock_timestamp() - seen_at)::double precision
    FROM job_worker JOIN tenant ON tenant.id = job_worker.tenant_id LEFT JOIN held ON held.worker_id = job_worker.id
    WHERE seen_at > now() - interval '2 minutes'
      AND (%(tenant)s::text IS NULL OR %(tenant)s IN (tenant.id, tenant.name))
      AND (%(queue)s::text IS NULL OR %(queue)s = ANY(queues))
    ORDER BY seen_at DESC LIMIT %(rows)s
)
