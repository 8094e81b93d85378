-- name: list_tasks
-- The tasks of a build by sequence.
SELECT task.id, task.kind, task.slug, task.status, task.sequence, task.attempt, task.definition,
       task.branch_name, task.worktree_path, task.result, task.error,
       task.request_id, substr(task.traceparent, 4, 32) AS trace_id, task.started_at, task.completed_at
FROM task
WHERE task.run_id = %(run_id)s
ORDER BY task.sequence

-- name: get_task
-- One task of a build.
SELECT task.id, task.kind, task.slug, task.status, task.sequence, task.attempt, task.definition,
       task.branch_name, task.worktree_path, task.result, task.error,
       task.request_id, substr(task.traceparent, 4, 32) AS trace_id, task.started_at, task.completed_at
FROM task
WHERE task.run_id = %(run_id)s AND task.id = %(task_id)s

-- name: list_done
-- What the steps of a build start from.
SELECT definition ->> 'id' AS definition_id, branch_name, result ->> 'commitSha' AS commit_sha
FROM task
WHERE run_id = %(run_id)s AND status = 'succeeded' AND result IS NOT NULL

-- name: set_worktree
-- Where this attempt works.
UPDATE task SET worktree_path = %(worktree_path)s
WHERE run_id = %(run_id)s AND id = %(task_id)s AND status = 'running'

-- name: list_worktrees
-- Those of these worktrees that a running task calls its own.
SELECT array_agg(worktree_path) FROM task
WHERE run_id >= 'run_' AND worktree_path = ANY(%(paths)s) AND status = 'running'
