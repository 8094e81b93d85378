-- name: create_run
-- A live run; run_live_key and run_number_key guard that a project has one at a time.
INSERT INTO run (id, kind, project_id, number, status, trigger, agent, retry_of, spec_version, input)
VALUES (%(id)s, %(kind)s, %(project_id)s, %(number)s, %(status)s, %(trigger)s, %(agent)s,
        %(retry_of)s, %(spec_version)s, %(input)s)
RETURNING created_at

-- name: list_runs
-- The builds of a project, newest first.
SELECT run.id, run.number AS run_number, run.status, run.trigger, run.agent,
       run.created_at, run.started_at, run.completed_at,
       (SELECT jsonb_build_object('total', count(*),
                                  'succeeded', count(*) FILTER (WHERE task.status = 'succeeded'),
                                  'failed', count(*) FILTER (WHERE task.status = 'failed'))
        FROM task WHERE task.run_id = run.id) AS tasks_summary
FROM run
WHERE run.project_id = %(project_id)s AND run.kind = 'build'
  AND (%(status)s::text IS NULL OR run.status = %(status)s)
ORDER BY run.number DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_runs
-- How many builds there are on all pages.
SELECT count(*) FROM run
WHERE project_id = %(project_id)s AND kind = 'build'
  AND (%(status)s::text IS NULL OR status = %(status)s)

-- name: get_run
-- The build with its tasks.
SELECT run.id, run.project_id, run.number AS run_number, run.status, run.trigger, run.agent,
       run.retry_of, run.input -> 'spec' AS spec_snapshot, run.plan -> 'plan' AS tasks_json,
       run.output AS verification_result, run.error, run.request_id, run.trace_id,
       run.created_at, run.started_at, run.completed_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', task.id, 'slug', task.slug,
                                                     'status', task.status, 'sequence', task.sequence)
                                  ORDER BY task.sequence)
                 FROM task WHERE task.run_id = run.id), '[]') AS tasks,
       (SELECT jsonb_build_object('total', count(*),
                                  'succeeded', count(*) FILTER (WHERE task.status = 'succeeded'),
                                  'failed', count(*) FILTER (WHERE task.status = 'failed'))
        FROM task WHERE task.run_id = run.id) AS tasks_summary
FROM run JOIN project ON project.id = run.project_id
WHERE run.id = %(run_id)s AND run.project_id = %(project_id)s AND run.kind = 'build'
  AND project.status <> 'archived'

-- name: get_state
-- Whether the build exists in the project, and where it stands.
SELECT run.status FROM run JOIN project ON project.id = run.project_id
WHERE run.id = %(run_id)s AND run.project_id = %(project_id)s AND run.kind = 'build'
  AND project.status <> 'archived'

-- name: get_source
-- What a retry starts from.
SELECT run.status, run.agent, run.spec_version, run.input FROM run
JOIN project ON project.id = run.project_id
WHERE run.id = %(run_id)s AND run.project_id = %(project_id)s AND run.kind = 'build'
  AND project.status <> 'archived'

-- name: get_live
-- The project's live build.
SELECT id FROM run
WHERE project_id = %(project_id)s AND kind = 'build'
  AND status IN ('decomposing', 'executing', 'merging', 'verifying')

-- name: get_build
-- What a build's task function reads.
SELECT id, project_id, number, agent, input, plan, output FROM run WHERE id = %(run_id)s

-- name: set_plan
-- How the work was cut, and the commit that all branches begin at.
UPDATE run SET plan = %(plan)s WHERE id = %(run_id)s AND status = 'decomposing'

-- name: set_output
-- The evidence.
UPDATE run SET output = %(output)s WHERE id = %(run_id)s AND status = 'verifying'
