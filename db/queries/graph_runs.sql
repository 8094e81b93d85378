-- name: create_run
-- A graph; its tasks follow in the same transaction.
INSERT INTO run (id, kind, status, trigger, retry_of, on_failure, input, options, parent_id, parent_task, depth)
VALUES (%(id)s, 'graph', 'queued', %(trigger)s, %(retry_of)s, %(on_failure)s, %(input)s, %(options)s,
        %(parent_id)s, %(parent_task)s, %(depth)s)

-- name: list_graphs
-- Graphs of the tenant that stand by themselves, newest first.
SELECT id, options ->> 'name' AS name, status, open_tasks, error, parent_id, retry_of AS rerun_of,
       created_at, started_at, completed_at
FROM run
WHERE id >= 'run_' AND id < %(before)s AND kind = 'graph' AND parent_id IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s)
ORDER BY id DESC LIMIT %(limit)s

-- name: get_graph
-- A graph with the states of its tasks.
SELECT id, options ->> 'name' AS name, status, open_tasks, error, parent_id, retry_of AS rerun_of,
       created_at, started_at, completed_at, coalesce(output, 'null') AS output,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', task.id, 'slug', task.slug, 'status', task.status)
                                  ORDER BY task.sequence)
                 FROM task WHERE task.run_id = run.id AND task.parent_id IS NULL), '[]') AS tasks
FROM run WHERE id = %(graph_id)s AND kind = 'graph'

-- name: get_state
-- Where a graph stands.
SELECT status FROM run WHERE id = %(graph_id)s AND kind = 'graph'

-- name: get_source
-- What a rerun starts from.
SELECT status, input FROM run WHERE id = %(graph_id)s AND kind = 'graph'

-- name: get_outermost
-- The outermost graph that a graph is in; itself, if it is in none.
WITH RECURSIVE above AS (
    SELECT id, parent_id, input FROM run WHERE id = %(graph_id)s AND kind = 'graph'
    UNION ALL
    SELECT run.id, run.parent_id, run.input FROM above JOIN run ON run.id = above.parent_id
)
SELECT input FROM above WHERE parent_id IS NULL

-- name: list_states
-- The ids and states of the tasks of a graph by their slugs, but for the items of maps.
SELECT id, slug, status FROM task WHERE run_id = %(graph_id)s AND parent_id IS NULL

-- name: get_task_state
-- Where a task stands.
SELECT id, slug, status FROM task WHERE run_id = %(graph_id)s AND id = %(task_id)s

-- name: list_graph_tasks
-- Tasks of a graph in order: the items of a map, or all others. One that starts a job has the job's attempts.
SELECT task.id, task.slug, task.kind, task.status, task.condition, task.sequence,
       CASE WHEN task.form IS NULL THEN task.attempt ELSE coalesce((
           SELECT job.attempt FROM task AS job
           WHERE job.run_id = task.child_id AND starts_with(task.child_id, 'job_')), 0) END AS attempt,
       CASE WHEN octet_length(task.result::text) <= 65536 THEN task.result ELSE 'null' END AS result,
       octet_length(task.result::text) AS result_size, task.error, task.child_id,
       CASE WHEN task.form = 'run' THEN task.definition #>> '{input,name}' END AS child_kind,
       task.started_at, task.completed_at,
       coalesce((SELECT jsonb_agg(source.slug ORDER BY source.sequence)
                 FROM task_dependency AS dependency
                 JOIN task AS source ON source.run_id = %(graph_id)s AND source.id = dependency.depends_on
                 WHERE dependency.run_id = %(graph_id)s AND dependency.task_id = task.id), '[]') AS depends_on
FROM task
WHERE task.run_id = %(graph_id)s AND task.sequence > %(after)s
  AND CASE WHEN %(map)s::text IS NULL THEN task.parent_id IS NULL ELSE task.parent_id = (
      SELECT map.id FROM task AS map
      WHERE map.run_id = %(graph_id)s AND map.slug = %(map)s AND map.form = 'map') END
ORDER BY task.sequence LIMIT %(limit)s

-- name: get_output
-- What a graph says is to come of it, and what that refers to.
SELECT options -> 'output' AS output, coalesce(options -> 'refs', '[]') AS refs,
       found_results(run.id, (
           SELECT coalesce(jsonb_agg(ref || jsonb_build_object('task', (
                      SELECT task.id FROM task WHERE task.run_id = run.id AND task.parent_id IS NULL
                        AND task.slug = ref ->> 'slug')) ORDER BY n), '[]')
           FROM jsonb_array_elements(coalesce(options -> 'refs', '[]')) WITH ORDINALITY AS item (ref, n)
       )) AS results
FROM run WHERE id = %(run_id)s

-- name: set_output
-- What came of a graph.
UPDATE run SET output = %(output)s WHERE id = %(run_id)s

-- name: get_progress
-- How far the log of a graph is, whether more can come, and whether the caller may still see it.
SELECT run.next_seq - 1 AS last_seq, run.completed_at IS NOT NULL AS ended,
  EXISTS (SELECT FROM api_key WHERE api_key.id = %(key_id)s
    AND (api_key.revoked_at IS NOT NULL OR api_key.expires_at <= now())) AS key_ended
FROM run WHERE run.id = %(run_id)s AND run.kind = 'graph'
