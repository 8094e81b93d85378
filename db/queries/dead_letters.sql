-- name: add_dead_letter
-- A job that has just failed.
INSERT INTO dead_letter (queue, run_id, code)
SELECT queue, id, error ->> 'code' FROM run WHERE id = %(job_id)s AND queue IS NOT NULL
ON CONFLICT DO NOTHING

-- name: remove_dead_letters
-- Jobs that are live again.
DELETE FROM dead_letter USING run
WHERE run.id = ANY(%(job_ids)s) AND run.completed_at IS NULL AND dead_letter.run_id = run.id
