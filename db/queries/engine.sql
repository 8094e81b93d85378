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

-- name: record_outside_event
-- What happens outside a run has no number in a run.
INSERT INTO event (id, project_id, about, type, payload)
VALUES (%(id)s, %(project_id)s, %(about)s, %(type)s, %(payload)s)

-- name: claim_tasks
-- Up to so many free tasks of these kinds; the attempt counts from here. The first of each tenant
-- come before the second of any; inside a tenant priority decides, then age. Beyond so many as are `open`
-- only the first of tenants are taken that are no `holders`; the lanes of those that are `left_out` are not
-- looked at. `heads` tell where the first free task of a lane can be at the earliest, so that nobody walks
-- over what was there before; they are looked up and not joined, as each lane would be held against each
-- head. What has waited for too long is left to `list_expired`.
-- Lanes of limited queues give what `grant_lanes` allows; a row without a token says that it is nothing
-- now, and when to ask again.
WITH granted AS MATERIALIZED (
    SELECT * FROM grant_lanes(
        %(kinds)s::text[], %(queues)s::text[], %(heads)s::jsonb, %(slots)s, %(left_out)s::text[])
), served AS (
    SELECT lane.id, lane.tenant_id, lane.kind, lane.priority, queue.limited, queue.rate_limit, queue.rate_period_s,
           lane.queue, coalesce((%(heads)s::jsonb -> lane.id::text)::bigint, 0) AS head,
           coalesce(granted.most, %(slots)s) AS most
    FROM lane JOIN queue ON queue.tenant_id = lane.tenant_id AND queue.name = lane.queue
    LEFT JOIN granted ON granted.lane = lane.id
    WHERE lane.kind = ANY(%(kinds)s) AND queue.paused_at IS NULL AND (NOT queue.limited OR granted.most > 0)
      AND (%(queues)s::text[] IS NULL OR lane.queue = ANY(%(queues)s))
      AND NOT lane.tenant_id = ANY(%(left_out)s::text[])
), waiting AS (
    SELECT served.id, served.tenant_id = ANY(%(holders)s::text[]) AS holds, row_number() OVER (
        PARTITION BY served.tenant_id ORDER BY served.priority DESC, first.n) AS turn
    FROM served CROSS JOIN LATERAL (
        SELECT ready.n FROM ready
        WHERE ready.lane = served.id AND ready.n >= served.head AND lease_until IS NULL AND run_at IS NULL
          AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY ready.n LIMIT served.most
    ) AS first
), shares AS (
    SELECT id, count(*) AS share
    FROM (
        SELECT id FROM (
            SELECT id, turn, holds, row_number() OVER (ORDER BY turn, random()) AS place FROM waiting
        ) AS placed
        WHERE place <= %(open)s OR (turn = 1 AND NOT holds)
        ORDER BY place LIMIT %(slots)s
    ) AS first GROUP BY id
), free AS (
    SELECT served.kind, served.limited, served.queue, served.rate_limit, served.rate_period_s, taken.*
    FROM shares JOIN served ON served.id = shares.id CROSS JOIN LATERAL (
        SELECT ready.ctid FROM ready
        WHERE ready.lane = served.id AND ready.n >= served.head AND lease_until IS NULL AND run_at IS NULL
          AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY ready.n LIMIT shares.share FOR UPDATE SKIP LOCKED
    ) AS taken
), taken AS (
    UPDATE ready SET
        attempt = ready.attempt + 1,
        lease_token = ready.lease_token + 1,
        lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s),
        expires_at = least(end_by, clock_timestamp() + make_interval(secs => timeout_s)),
        worker_id = %(worker_id)s,
        begun = false,
        limited = free.limited
    FROM free
    WHERE ready.ctid = free.ctid
    RETURNING ready.tenant_id, ready.run_id, ready.task_id, ready.attempt, ready.lease_token, ready.interrupted,
              ready.lane, ready.n, ready.solo, free.kind, free.queue, free.rate_limit, free.rate_period_s
), started AS (
    INSERT INTO queue_start (tenant_id, queue, at, starts)
    SELECT tenant_id, queue, CASE WHEN rate_limit <= 1000 THEN clock_timestamp()
               ELSE date_bin(grain, clock_timestamp(), 'epoch') + grain END, count(*)
    FROM taken, make_interval(secs => rate_period_s / 1000.0) AS grain
    WHERE rate_limit IS NOT NULL GROUP BY tenant_id, queue, rate_limit, grain
    ON CONFLICT (tenant_id, queue, at) DO UPDATE SET starts = queue_start.starts + excluded.starts
)
SELECT tenant_id, run_id, task_id, attempt, lease_token, interrupted, lane, n, solo, kind,
       0.0::double precision AS again_s FROM taken
UNION ALL
SELECT tenant_id, '', '', 0, 0, false, lane, 0, false, kind, again_s FROM granted WHERE again_s IS NOT NULL

-- name: make_lanes
-- Where tasks will wait: a place that cannot be made is told now, and not when they come.
WITH item AS MATERIALIZED (
    SELECT DISTINCT * FROM json_to_recordset(%(lanes)s) AS item (id bigint, queue text, kind text, priority integer)
    WHERE (SELECT keep_queues())
), made AS (
    INSERT INTO queue (name) SELECT DISTINCT queue FROM item ORDER BY queue ON CONFLICT DO NOTHING
)
INSERT INTO lane (id, queue, kind, priority) SELECT id, queue, kind, priority FROM item ORDER BY id
ON CONFLICT DO NOTHING

-- name: keep_queues
-- No queue is deleted before this transaction ends.
SELECT keep_queues()

-- name: restore_lanes
-- The places of these runs' tasks are there again, should their queues have been deleted. `keep_queues` comes
-- before, in a statement of its own: this one sees what was deleted until then.
WITH back AS MATERIALIZED (
    SELECT DISTINCT gone.id, gone.queue, gone.kind, gone.priority
    FROM task JOIN lane_gone AS gone ON gone.id = task.lane
    WHERE task.run_id = ANY(%(run_ids)s)
), made AS (
    INSERT INTO queue (name) SELECT DISTINCT queue FROM back ORDER BY queue ON CONFLICT DO NOTHING
)
INSERT INTO lane (id, queue, kind, priority) SELECT id, queue, kind, priority FROM back ORDER BY id
ON CONFLICT DO NOTHING

-- name: has_several_tenants
-- Whether there are places for tasks of these kinds in more than one tenant.
SELECT count(*) > 1 FROM (
    SELECT DISTINCT tenant_id FROM lane
    WHERE kind = ANY(%(kinds)s) AND (%(queues)s::text[] IS NULL OR queue = ANY(%(queues)s)) LIMIT 2
) AS first

-- name: begin_tasks
-- Tasks of graphs; those whose lease is not held any more are left out.
SELECT id, run_id, kind, slug, sequence, definition, branch_name, attempt, max_attempts, options, lease_token,
       interrupted, false AS solo, request_id, traceparent, tracestate, refs, results
FROM begin_tasks(%(leases)s)

-- name: finish_tasks
-- Tasks of graphs; those whose lease is not held any more are left out.
SELECT run_id, task_id, false AS solo, open_tasks, limited, freed_kinds, opened, next
FROM finish_tasks(%(outcomes)s, %(kinds)s::text[], %(queues)s::text[], %(worker)s, %(lease_s)s)

-- name: free_tasks
-- What is due is free again, or parked if it has a concurrency key. `since` spares the walk over what was due
-- before the last looks.
WITH due AS (
    SELECT tenant_id, run_id, task_id FROM ready
    WHERE run_at <= clock_timestamp() AND run_at > clock_timestamp() - make_interval(secs => %(since)s)
    ORDER BY run_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), again AS (
    UPDATE ready SET n = DEFAULT, free_since = run_at,
        run_at = CASE WHEN concurrency_key IS NOT NULL THEN 'infinity'::timestamptz END
    FROM due
    WHERE ready.tenant_id = due.tenant_id AND ready.run_id = due.run_id AND ready.task_id = due.task_id
    RETURNING ready.tenant_id, ready.lane
)
SELECT lane.tenant_id, lane.kind, count(*) AS tasks
FROM again JOIN lane ON lane.tenant_id = again.tenant_id AND lane.id = again.lane
GROUP BY lane.tenant_id, lane.kind

-- name: list_lost
-- Leases of workers that have not been heard of for too long, of all tenants.
SELECT tenant_id, run_id, task_id, lease_token FROM ready
WHERE lease_until < clock_timestamp() AND lease_until > clock_timestamp() - make_interval(secs => %(since)s)
ORDER BY lease_until LIMIT %(most)s

-- name: lose_tasks
-- Tasks of a tenant whose leases have run out, and still are.
SELECT run_id, kind FROM lose_tasks(%(leases)s)

-- name: note_losses
-- So many leases were lost.
INSERT INTO lease_loss (minute, leases) VALUES (date_trunc('minute', clock_timestamp()), %(leases)s)
ON CONFLICT (minute) DO UPDATE SET leases = lease_loss.leases + excluded.leases

-- name: list_expired
-- Tasks that have waited or worked for too long, of all tenants. Those who look at once get different ones
-- of many, by chance.
SELECT tenant_id, run_id, task_id FROM (
    SELECT tenant_id, run_id, task_id FROM ready
    WHERE expires_at < clock_timestamp() AND expires_at > clock_timestamp() - make_interval(secs => %(since)s)
    ORDER BY expires_at LIMIT 10 * %(most)s
) AS first
ORDER BY random() LIMIT %(most)s

-- name: hold_expired
-- Such a task, if it is one still; whoever works on it loses its lease with what follows.
WITH held AS (SELECT id, solo FROM run WHERE id = %(run_id)s FOR UPDATE)
SELECT task.id, task.run_id, task.kind, task.slug, task.sequence, 'null'::jsonb AS definition,
       task.branch_name, ready.attempt, task.max_attempts, ready.lease_token, ready.interrupted,
       coalesce(task.options, '{}') AS options, held.solo, task.request_id, task.traceparent,
       task.tracestate,
       CASE WHEN ready.end_by <= clock_timestamp() THEN 'DEADLINE_EXCEEDED'
            WHEN ready.lease_until IS NOT NULL THEN 'TIMEOUT'
            WHEN ready.attempt > 0 THEN 'WORKER_LOST' ELSE 'QUEUE_TIMEOUT' END AS reason,
       ready.begun OR ready.lease_until IS NULL OR NOT held.solo AS begun
FROM held JOIN ready ON ready.run_id = held.id AND ready.task_id = %(task_id)s
JOIN task ON task.run_id = ready.run_id AND task.id = ready.task_id
WHERE ready.expires_at < clock_timestamp()
FOR UPDATE OF ready

-- name: extend_leases
-- Keep what this worker works on; a lease that is not returned is lost. A locked row is being
-- recorded and needs no more time; to wait for it could be a deadlock with the end of its run.
WITH working AS (
    SELECT * FROM unnest(%(tenant_ids)s::text[], %(run_ids)s::text[], %(task_ids)s::text[])
        AS working (tenant_id, run_id, task_id)
), free AS (
    SELECT tenant_id, run_id, task_id FROM ready JOIN working USING (tenant_id, run_id, task_id)
    WHERE worker_id = %(worker_id)s
    FOR UPDATE OF ready SKIP LOCKED
), extended AS (
    UPDATE ready SET lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
    FROM free
    WHERE ready.tenant_id = free.tenant_id AND ready.run_id = free.run_id AND ready.task_id = free.task_id
)
SELECT task_id, lease_token FROM ready JOIN working USING (tenant_id, run_id, task_id)
WHERE worker_id = %(worker_id)s

-- name: list_held
-- What a worker holds but does not work on: it stops, or the answer to a claim was lost.
SELECT tenant_id, run_id, task_id, lease_token FROM ready
WHERE worker_id = %(worker_id)s AND lease_until IS NOT NULL AND NOT task_id = ANY(%(working)s)

-- name: release_tasks
-- Tasks of a tenant that were given back: that was no attempt.
SELECT run_id, kind FROM release_tasks(%(leases)s, %(interrupted)s, %(pause_s)s)

-- name: fence
-- Whoever holds the lease may write: lock the run first (as everyone does), then the lease.
-- One that was given back is held by nobody, although its token is still the newest. Whether the
-- start of the attempt has been recorded.
WITH held AS (SELECT id, solo FROM run WHERE id = %(run_id)s FOR UPDATE)
SELECT ready.begun OR NOT held.solo FROM held JOIN ready ON ready.run_id = held.id
WHERE ready.task_id = %(task_id)s AND ready.lease_token = %(lease_token)s
  AND ready.worker_id IS NOT NULL
FOR UPDATE OF ready

-- name: retry_task
-- Back to waiting, and a solo run with its task; the lease ends, the attempt stays counted. When the next may begin.
WITH again AS (
    UPDATE task SET status = CASE WHEN form IS NULL THEN 'pending' ELSE status END, error = %(error)s
    WHERE run_id = %(run_id)s AND id = %(task_id)s AND status IN ('pending', 'running', 'waiting')
    RETURNING run_id, id
), queued AS (
    UPDATE run SET status = 'queued' FROM again
    WHERE run.id = again.run_id AND run.solo AND run.status = 'running'
)
UPDATE ready SET lease_until = NULL, worker_id = NULL, interrupted = false, expires_at = end_by,
    run_at = clock_timestamp() + make_interval(secs => %(delay_seconds)s)
FROM again WHERE ready.run_id = again.run_id AND ready.task_id = again.id
RETURNING ready.run_at

-- name: fail_task
-- No further attempt.
WITH failed AS (
    UPDATE task SET status = 'failed', error = %(error)s, attempt = %(attempt)s, completed_at = clock_timestamp()
    WHERE run_id = %(run_id)s AND id = %(task_id)s AND status IN ('pending', 'waiting', 'running')
    RETURNING run_id, id
)
DELETE FROM ready USING failed WHERE ready.run_id = failed.run_id AND ready.task_id = failed.id

-- name: cancel_tasks
-- Everything of the run that has not ended, ends here; leases are lost with it.
WITH held AS (
    SELECT tenant_id, run_id, task_id FROM ready WHERE run_id = %(run_id)s
    ORDER BY tenant_id, run_id, task_id FOR UPDATE
), released AS (
    DELETE FROM ready WHERE run_id = %(run_id)s AND (SELECT count(*) FROM held) > 0
)
UPDATE task SET status = 'cancelled', completed_at = clock_timestamp()
WHERE run_id = %(run_id)s AND status IN ('pending', 'waiting', 'running')
RETURNING id, child_id

-- name: advance_run
-- To the next phase, from the one before.
UPDATE run SET status = %(status)s WHERE id = %(run_id)s AND status = %(before)s

-- name: hold_runs
-- Those of these runs that are live, locked in the order that everyone keeps.
SELECT id, kind, solo, project_id FROM run WHERE id = ANY(%(run_ids)s) AND completed_at IS NULL
ORDER BY id FOR UPDATE

-- name: end_run
-- A live run ends once, and its key is free.
WITH ended AS (
    UPDATE run SET status = %(status)s, error = %(error)s, open_tasks = 0, completed_at = clock_timestamp()
    WHERE id = %(run_id)s AND completed_at IS NULL
    RETURNING id, kind, solo, project_id, parent_id, parent_task, queue, dedupe_key
), unheard AS (
    DELETE FROM signal USING ended WHERE NOT ended.solo AND signal.run_id = ended.id
), unkeyed AS (
    DELETE FROM dedupe USING ended WHERE dedupe.queue = ended.queue AND dedupe.key = ended.dedupe_key
)
SELECT id, kind, solo, project_id, parent_id, parent_task FROM ended

-- name: see_worker
-- A worker is alive, and this is how it stands.
INSERT INTO worker (id, host, pid, queues, slots, working, leases_lost)
VALUES (%(worker_id)s, %(host)s, %(pid)s, %(queues)s::text[], %(slots)s, %(working)s, %(leases_lost)s)
ON CONFLICT (id) DO UPDATE SET slots = excluded.slots, working = excluded.working,
    leases_lost = excluded.leases_lost, seen_at = now()

-- name: forget_worker
-- A worker stopped in order.
DELETE FROM worker WHERE id = %(worker_id)s OR seen_at < now() - interval '1 day'
