-- name: get_brief
-- What the customer has said so far, with the feedback of every version.
SELECT project.name, project.description, project.status, project.questions, project.answers,
       project.updated_at,
       coalesce((SELECT jsonb_agg(spec.feedback ORDER BY spec.version) FROM spec
                 WHERE spec.project_id = project.id AND spec.feedback IS NOT NULL), '[]') AS feedback,
       coalesce((SELECT max(version) FROM spec WHERE spec.project_id = project.id), 0) AS version
FROM project WHERE id = %(project_id)s AND status <> 'archived'

-- name: ask_questions
-- From a draft, or over again from spec_review, unless the project changed since it was read.
UPDATE project SET status = 'clarifying', questions = %(questions)s, answers = '{}', updated_at = now()
WHERE id = %(project_id)s AND status IN ('draft', 'spec_review') AND updated_at = %(updated_at)s

-- name: accept_answers
-- Only while the questions are open, unless the project changed since it was read.
UPDATE project SET status = 'spec_review', answers = %(answers)s, updated_at = now()
WHERE id = %(project_id)s AND status = 'clarifying' AND updated_at = %(updated_at)s

-- name: reopen_review
-- A new version has to be approved again; it is not written over what changed since it was read.
UPDATE project SET status = 'spec_review', updated_at = now()
WHERE id = %(project_id)s AND status IN ('spec_review', 'approved', 'completed', 'failed')
  AND updated_at = %(updated_at)s

-- name: approve_project
-- Of two callers one finds the project approved already.
UPDATE project SET status = 'approved', updated_at = now()
WHERE id = %(project_id)s AND status = 'spec_review'

-- name: create_spec
-- The version after the one that was read; its primary key refuses a second writer.
INSERT INTO spec (project_id, version, brief, documents, feedback)
VALUES (%(project_id)s, %(version)s, %(brief)s, %(documents)s, %(feedback)s)
RETURNING version, documents, feedback, created_at, approved_at

-- name: approve_spec
-- Freeze the newest version.
UPDATE spec SET approved_at = now()
WHERE project_id = %(project_id)s
  AND version = (SELECT max(version) FROM spec WHERE project_id = %(project_id)s)
RETURNING version, approved_at

-- name: list_specs
-- All versions, newest first, without documents.
SELECT version, feedback, created_at, approved_at FROM spec
WHERE project_id = %(project_id)s
ORDER BY version DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_specs
-- How many versions there are.
SELECT count(*) FROM spec WHERE project_id = %(project_id)s

-- name: get_spec
-- One version.
SELECT version, documents, feedback, created_at, approved_at FROM spec
WHERE project_id = %(project_id)s AND version = %(version)s

-- name: get_approved
-- The version that is built: the newest, which an approved project has approved.
SELECT version, brief, documents, created_at, approved_at FROM spec
WHERE project_id = %(project_id)s AND approved_at IS NOT NULL
ORDER BY version DESC LIMIT 1
