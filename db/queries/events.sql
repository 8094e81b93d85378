-- name: list_events
-- Events of a run in the order in which they happened.
SELECT id, seq, run_id, task_id, upper(replace(type, '.', '_')) AS event_type, payload,
       request_id, trace_id, created_at
FROM event
WHERE run_id = %(run_id)s
  AND seq > %(after_seq)s
  AND (%(after)s::timestamptz IS NULL OR created_at > %(after)s)
  AND (%(type)s::text IS NULL OR type = %(type)s)
  AND (%(task_id)s::text IS NULL OR task_id = %(task_id)s)
ORDER BY seq
LIMIT %(limit)s

-- name: get_progress
-- How far the log of a build is, whether more can come, and whether the caller may still see it.
SELECT run.next_seq - 1 AS last_seq, run.completed_at IS NOT NULL AS ended,
  EXISTS (SELECT FROM api_key WHERE api_key.id = %(key_id)s
    AND (api_key.revoked_at IS NOT NULL OR api_key.expires_at <= now())) AS key_ended
FROM run JOIN project ON project.id = run.project_id
WHERE run.id = %(run_id)s AND run.project_id = %(project_id)s AND run.kind = 'build'
  AND project.status <> 'archived'
