-- name: create_tasks
-- Steps of a run, with what each waits for; those that wait for nothing and have no form are ready.
-- What was copied from another run is done. A definition may be JSON's null, which a record takes for none.
WITH item AS (
    SELECT * FROM json_to_recordset(%(tasks)s) AS item (
        id text, kind text, slug text, sequence integer, lane bigint, queue text, priority integer,
        definition jsonb, branch_name text, unmet integer, condition text, form text, refs jsonb,
        max_attempts integer, options jsonb, copied text)
    WHERE (SELECT keep_queues())
), queues AS (
    INSERT INTO queue (name) SELECT DISTINCT queue FROM item ORDER BY queue ON CONFLICT DO NOTHING
), lanes AS (
    INSERT INTO lane (id, queue, kind, priority)
    SELECT DISTINCT lane, queue, kind, priority FROM item ORDER BY lane
    ON CONFLICT DO NOTHING
), counted AS (
    UPDATE run SET open_tasks = open_tasks + (SELECT count(*) FROM item WHERE copied IS NULL)
    WHERE id = %(run_id)s
), tasks AS (
    INSERT INTO task (run_id, id, kind, slug, sequence, lane, definition, branch_name, unmet, condition, form,
                      refs, max_attempts, options, status, result, started_at, completed_at)
    SELECT %(run_id)s, item.id, item.kind, item.slug, item.sequence, item.lane, coalesce(item.definition, 'null'),
           item.branch_name, item.unmet, item.condition, item.form, item.refs, item.max_attempts,
           item.options, coalesce(source.status, 'pending'), source.result, source.started_at,
           source.completed_at
    FROM item LEFT JOIN task AS source ON source.run_id = %(source_run)s AND source.id = item.copied
), dependencies AS (
    INSERT INTO task_dependency (run_id, task_id, depends_on)
    SELECT %(run_id)s, task_id, depends_on
    FROM json_to_recordset(%(dependencies)s) AS item (task_id text, depends_on text)
)
INSERT INTO ready (run_id, task_id, lane, timeout_s)
SELECT %(run_id)s, id, lane, (options ->> 'timeout_s')::double precision
FROM item WHERE unmet = 0 AND form IS NULL AND copied IS NULL ORDER BY sequence

-- name: settle_tasks
-- What follows when these tasks have ended, which had been open until now. A task that is 'pending' and
-- can never run any more is 'skipped'.
WITH found AS (
    SELECT id, became, kind FROM settle_tasks(%(run_id)s, %(ids)s, %(succeeded)s)
), counted AS (
    UPDATE run SET open_tasks = open_tasks - cardinality(%(ids)s::text[])
        - (SELECT count(*) FROM found WHERE became = 'skipped')
    WHERE id = %(run_id)s
)
SELECT id, became, kind FROM found

-- name: end_tasks
-- Tasks that the engine itself ends while they are 'pending', 'waiting' or 'running'.
SELECT id, child_id FROM end_tasks(%(run_id)s, %(ends)s)

-- name: get_openness
-- How many tasks of a run have not ended, and whether it goes on after a failure.
SELECT kind, open_tasks, on_failure IS NOT NULL AS goes_on, completed_at IS NOT NULL AS ended
FROM run WHERE id = %(run_id)s

-- name: first_unhandled
-- The first failure of which no task took care: none that runs after failures too has succeeded.
SELECT task.error FROM task
WHERE task.run_id = %(run_id)s AND task.status = 'failed' AND task.parent_id IS NULL
  AND NOT EXISTS (
    SELECT FROM task_dependency AS dependency
    WHERE dependency.run_id = %(run_id)s AND dependency.depends_on = task.id AND EXISTS (
        SELECT FROM task AS handler
        WHERE handler.run_id = %(run_id)s AND handler.id = dependency.task_id
          AND handler.condition IS NOT NULL AND handler.status = 'succeeded' OFFSET 0)
    OFFSET 0)
ORDER BY task.completed_at, task.sequence LIMIT 1

-- name: list_opened
-- Tasks with a form whose turn it is, with what their definitions refer to.
SELECT task.id, task.slug, task.form, task.status, task.sequence, task.unmet,
       CASE WHEN task.status = 'pending' THEN task.definition END AS definition,
       coalesce(task.refs, '[]') AS refs,
       CASE WHEN task.status <> 'pending' OR task.refs IS NULL THEN '[]'
            WHEN task.form = 'map' THEN found_results(task.run_id, task.refs, %(map_bytes)s)
            ELSE found_results(task.run_id, task.refs) END AS results,
       coalesce(task.options ? 'size', false) AS expanded, run.depth
FROM task JOIN run ON run.id = task.run_id
WHERE task.run_id = %(run_id)s AND task.id = ANY(%(ids)s) AND task.status IN ('pending', 'waiting')
ORDER BY task.sequence

-- name: expand_map
-- A map becomes its items, each a task; so many of them may begin.
WITH item AS (
    SELECT * FROM json_to_recordset(%(items)s) AS item (id text, place integer, definition jsonb)
), map AS (
    UPDATE task SET status = 'waiting', started_at = clock_timestamp(), unmet = %(size)s::integer,
        place = CASE WHEN %(at_once)s::integer < %(size)s::integer THEN %(at_once)s::integer END,
        options = jsonb_build_object('size', %(size)s::integer, 'at_once', %(at_once)s::integer)
    WHERE run_id = %(run_id)s AND id = %(map_id)s AND status = 'pending'
    RETURNING slug, sequence
), place AS MATERIALIZED (
    SELECT %(lane)s::bigint AS lane, %(queue)s::text AS queue WHERE (SELECT keep_queues())
), queues AS (
    INSERT INTO queue (name) SELECT queue FROM place ON CONFLICT DO NOTHING
), lanes AS (
    INSERT INTO lane (id, queue, kind, priority) SELECT lane, queue, %(kind)s, %(priority)s FROM place
    ON CONFLICT DO NOTHING
), counted AS (
    UPDATE run SET open_tasks = open_tasks + %(size)s::integer, started_at = coalesce(started_at, clock_timestamp()),
        status = CASE status WHEN 'queued' THEN 'running' ELSE status END
    WHERE id = %(run_id)s
), tasks AS (
    INSERT INTO task (run_id, id, kind, form, slug, sequence, lane, definition, refs, max_attempts, options,
                      parent_id, place)
    SELECT %(run_id)s, item.id, %(kind)s, %(form)s::text, map.slug || '-' || item.place,
           (map.sequence + 1) * 100000 + item.place, %(lane)s::bigint, coalesce(item.definition, 'null'), %(refs)s::jsonb,
           %(max_attempts)s::integer, %(options)s::jsonb, %(map_id)s, item.place
    FROM item CROSS JOIN map
)
INSERT INTO ready (run_id, task_id, lane, timeout_s)
SELECT %(run_id)s, item.id, %(lane)s::bigint, (%(options)s::jsonb ->> 'timeout_s')::double precision
FROM item WHERE place < %(at_once)s::integer AND %(form)s::text IS NULL ORDER BY place

-- name: resume_map
-- A map goes on with those of its items that are to be done again, of which none has begun; how many.
UPDATE task SET status = 'waiting', started_at = clock_timestamp(), unmet = items.size, place = 0,
    options = options || jsonb_build_object('size', items.size)
FROM (SELECT count(*)::integer AS size FROM task
      WHERE run_id = %(run_id)s AND parent_id = %(map_id)s AND status = 'pending') AS items
WHERE run_id = %(run_id)s AND id = %(map_id)s AND status = 'pending'
RETURNING unmet

-- name: release_items
-- Items of a map that may begin now that others have ended: they are free or, with a form, to be opened.
-- Nothing is joined: each time that would walk over all items.
WITH map AS (
    SELECT id, place AS first,
           least((options ->> 'size')::integer,
                 (options ->> 'size')::integer - unmet + (options ->> 'at_once')::integer) AS last
    FROM task WHERE run_id = %(run_id)s AND id = %(map_id)s
), moved AS (
    UPDATE task SET place = nullif((SELECT last FROM map), (options ->> 'size')::integer)
    WHERE run_id = %(run_id)s AND id = %(map_id)s AND (SELECT last > first FROM map)
), item AS (
    SELECT id, kind, form, lane, place, options FROM task
    WHERE run_id = %(run_id)s AND parent_id = %(map_id)s AND status = 'pending'
      AND place >= (SELECT first FROM map) AND place < (SELECT last FROM map)
), freed AS (
    INSERT INTO ready (run_id, task_id, lane, lease_token, timeout_s)
    SELECT %(run_id)s, id, lane, later_token(), (options ->> 'timeout_s')::double precision
    FROM item WHERE form IS NULL ORDER BY place
)
SELECT DISTINCT kind, CASE WHEN form IS NOT NULL THEN id END AS opened FROM item

-- name: close_map
-- A map ends with the results of its items in their order; it has failed if one has not succeeded.
WITH items AS (
    SELECT count(*) AS size, count(*) FILTER (WHERE status <> 'succeeded') AS failed,
           coalesce(sum(octet_length(result::text)), 0) AS bytes,
           min(sequence %% 100000) FILTER (WHERE status <> 'succeeded') AS first
    FROM task WHERE run_id = %(run_id)s AND parent_id = %(map_id)s
)
UPDATE task SET
    status = CASE WHEN items.failed = 0 AND items.bytes <= %(most_bytes)s THEN 'succeeded' ELSE 'failed' END,
    result = CASE WHEN items.bytes <= %(most_bytes)s THEN (
        SELECT coalesce(jsonb_agg(item.result ORDER BY item.sequence), '[]') FROM task AS item
        WHERE item.run_id = %(run_id)s AND item.parent_id = %(map_id)s) END,
    error = CASE WHEN items.failed > 0 THEN jsonb_build_object('code', 'ITEMS_FAILED', 'message',
                format('%%s of %%s items did not succeed; the first is %%s.', items.failed, items.size,
                       task.slug || '-' || items.first))
            WHEN items.bytes > %(most_bytes)s THEN jsonb_build_object('code', 'RESULT_TOO_LARGE', 'message',
                format('The results of the items have %%s bytes together; %%s are possible.', items.bytes,
                       %(most_bytes)s)) END,
    completed_at = clock_timestamp()
FROM items
WHERE task.run_id = %(run_id)s AND task.id = %(map_id)s AND task.status = 'waiting'
RETURNING task.status, task.error

-- name: park_tasks
-- Tasks rest until their time, or until someone wakes or ends them; no worker is at them. A time long
-- past would be looked for last.
WITH item AS (
    SELECT id, child_id, greatest(clock_timestamp(), coalesce(
        at, clock_timestamp() + make_interval(secs => seconds), 'infinity')) AS run_at
    FROM json_to_recordset(%(tasks)s) AS item (id text, child_id text, at timestamptz, seconds double precision)
), given AS (
    SELECT jsonb_object_agg(id, jsonb_build_object('child', child_id, 'run_at', run_at)) AS by_id FROM item
), begun AS (
    UPDATE run SET started_at = coalesce(started_at, clock_timestamp()),
        status = CASE status WHEN 'queued' THEN 'running' ELSE status END
    WHERE id = %(run_id)s
), parked AS (
    UPDATE task SET status = 'waiting', started_at = clock_timestamp(),
        child_id = (SELECT by_id FROM given) -> id ->> 'child'
    WHERE run_id = %(run_id)s AND id = ANY(ARRAY(SELECT id FROM item)) AND status = 'pending'
    RETURNING id, lane, ((SELECT by_id FROM given) -> id ->> 'run_at')::timestamptz AS run_at
), waiting AS (
    INSERT INTO ready (run_id, task_id, lane, lease_token, run_at)
    SELECT %(run_id)s, id, lane, later_token(), run_at FROM parked
)
SELECT id, nullif(run_at, 'infinity') AS until FROM parked

-- name: park_again
-- A task that was woken too early gives its lease back and rests on; that was no attempt.
UPDATE ready SET run_at = clock_timestamp() + make_interval(secs => %(seconds)s), lease_until = NULL,
    worker_id = NULL, attempt = attempt - 1
WHERE run_id = %(run_id)s AND task_id = %(task_id)s

-- name: wake_task
-- A task that rests is free. A locked row is being changed by whoever holds its run: not waited for.
WITH resting AS (
    SELECT tenant_id, run_id, task_id FROM ready
    WHERE run_id = %(run_id)s AND task_id = %(task_id)s AND worker_id IS NULL
    FOR UPDATE SKIP LOCKED
), woken AS (
    UPDATE ready SET run_at = NULL, n = DEFAULT FROM resting
    WHERE ready.tenant_id = resting.tenant_id AND ready.run_id = resting.run_id AND ready.task_id = resting.task_id
    RETURNING ready.tenant_id, ready.lane
)
SELECT lane.kind FROM woken JOIN lane ON lane.tenant_id = woken.tenant_id AND lane.id = woken.lane

-- name: list_over
-- Which of these runs have ended.
SELECT id FROM run WHERE id = ANY(%(run_ids)s) AND completed_at IS NOT NULL

-- name: get_child
-- How a sub-run ended, if it has.
SELECT run.status, run.kind, run.output, run.output_blob, run.output_size, run.error,
       run.completed_at IS NOT NULL AS ended
FROM task JOIN run ON run.id = task.child_id
WHERE task.run_id = %(run_id)s AND task.id = %(task_id)s

-- name: take_signal
-- The oldest signal of a name; it is gone with that.
DELETE FROM signal
WHERE run_id = %(run_id)s AND id = (
    SELECT id FROM signal WHERE run_id = %(run_id)s AND name = %(name)s ORDER BY id LIMIT 1)
RETURNING id, payload

-- name: hold_run
-- A run, locked: whoever changes it or its tasks does so first.
SELECT status, completed_at IS NOT NULL AS ended FROM run WHERE id = %(run_id)s FOR UPDATE

-- name: find_listener
-- The first task of a run that waits for a signal of this name.
SELECT id FROM task
WHERE run_id = %(run_id)s AND form = 'wait' AND status = 'waiting'
  AND definition ->> 'reason' = 'signal' AND definition ->> 'name' = %(name)s
ORDER BY sequence LIMIT 1

-- name: keep_signal
-- A signal is kept until a task waits for it; so many are kept for a run.
INSERT INTO signal (run_id, id, name, payload)
SELECT %(run_id)s, %(id)s, %(name)s, %(payload)s
WHERE (SELECT count(*) FROM signal WHERE run_id = %(run_id)s) < %(most)s

-- name: get_step
-- One task of a run, as whoever changes it needs to know it.
SELECT task.id, task.slug, task.status, task.form, task.condition, task.parent_id, task.child_id,
       CASE WHEN task.form = 'wait' THEN task.definition END AS definition,
       task.parent_id IS NOT NULL AND task.status = 'pending' AND task.attempt = 0 AND NOT EXISTS (
           SELECT FROM ready WHERE ready.run_id = task.run_id AND ready.task_id = task.id) AS unbegun,
       map.status AS map_status
FROM task LEFT JOIN task AS map ON map.run_id = %(run_id)s AND map.id = task.parent_id
WHERE task.run_id = %(run_id)s AND task.id = %(task_id)s

-- name: list_items
-- The items of a map in these states.
SELECT id FROM task
WHERE run_id = %(run_id)s AND parent_id = %(map_id)s AND status = ANY(%(statuses)s) ORDER BY sequence

-- name: list_nodes
-- The shape of a run: its tasks but for the items of maps, each with those that it depends on.
SELECT task.id, task.slug, task.status, task.form, task.condition, task.unmet,
       coalesce(array_agg(dependency.depends_on) FILTER (WHERE dependency.depends_on IS NOT NULL), '{}') AS after
FROM task LEFT JOIN task_dependency AS dependency
    ON dependency.run_id = %(run_id)s AND dependency.task_id = task.id
WHERE task.run_id = %(run_id)s AND task.parent_id IS NULL
GROUP BY task.tenant_id, task.run_id, task.id
ORDER BY task.sequence

-- name: reopen_tasks
-- Tasks that have ended are to be done again, with fresh attempts; those that wait for nothing are
-- free. Items of a map get new turns.
WITH item AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(tasks)s) AS item (
        run_id text, id text, unmet integer, place integer, free boolean)
), again AS (
    UPDATE task SET status = 'pending', unmet = item.unmet, attempt = 0, result = NULL, error = NULL,
        child_id = NULL, started_at = NULL, completed_at = NULL, place = coalesce(item.place, task.place)
    FROM item WHERE task.run_id = item.run_id AND task.id = item.id
    RETURNING task.run_id, task.id, task.kind, task.lane, task.options, task.sequence, item.free
), moved AS (
    UPDATE run SET open_tasks = open_tasks + %(opened)s WHERE id = %(run_id)s
), freed AS (
    INSERT INTO ready (run_id, task_id, lane, lease_token, timeout_s)
    SELECT run_id, id, lane, later_token(), (options ->> 'timeout_s')::double precision
    FROM again WHERE free ORDER BY sequence
)
SELECT DISTINCT kind FROM again WHERE free

-- name: wait_for_more
-- A map waits for more items to end.
UPDATE task SET unmet = unmet + %(more)s WHERE run_id = %(run_id)s AND id = %(task_id)s

-- name: set_unmet
-- How much a task waits for, now that others are done again.
UPDATE task SET unmet = %(unmet)s
WHERE run_id = %(run_id)s AND id = %(task_id)s AND status = 'pending'
