-- name: create_project
-- A new draft in the caller's tenant; project_name_key guards the name.
INSERT INTO project (id, name, description) VALUES (%(id)s, %(name)s, %(description)s)
RETURNING id, name, description, status, 'repos/' || id || '.git' AS repo_path, created_at, updated_at

-- name: list_projects
-- A page, newest first, each with its latest build.
SELECT project.id, project.name, project.status, project.created_at, project.updated_at,
       (SELECT jsonb_build_object('id', run.id, 'runNumber', run.number, 'status', run.status)
        FROM run WHERE run.project_id = project.id AND run.number = project.last_run_number) AS latest_run
FROM project
WHERE project.status <> 'archived'
  AND (%(status)s::text IS NULL OR project.status = %(status)s)
  AND (%(search)s::text IS NULL
       OR strpos(lower(project.name), lower(%(search)s)) > 0
       OR strpos(lower(project.description), lower(%(search)s)) > 0)
ORDER BY project.id DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_projects
-- How many there are on all pages.
SELECT count(*) FROM project
WHERE status <> 'archived'
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(search)s::text IS NULL
       OR strpos(lower(name), lower(%(search)s)) > 0
       OR strpos(lower(description), lower(%(search)s)) > 0)

-- name: get_project
-- The project with its newest spec and its latest build.
SELECT project.id, project.name, project.description, project.status,
       'repos/' || project.id || '.git' AS repo_path, project.created_at, project.updated_at,
       (SELECT jsonb_strip_nulls(jsonb_build_object(
            'version', spec.version, 'documents', spec.documents, 'feedback', spec.feedback,
            'createdAt', spec.created_at, 'approvedAt', spec.approved_at))
        FROM spec WHERE spec.project_id = project.id ORDER BY spec.version DESC LIMIT 1) AS spec,
       (SELECT jsonb_build_object('id', run.id, 'runNumber', run.number, 'status', run.status)
        FROM run WHERE run.project_id = project.id AND run.number = project.last_run_number) AS latest_run
FROM project
WHERE project.id = %(project_id)s AND project.status <> 'archived'

-- name: lock_project
-- Whoever compares before changing keeps others out meanwhile.
SELECT FROM project WHERE id = %(project_id)s FOR UPDATE

-- name: update_project
-- A new description takes open questions back; a spec stays as it is.
UPDATE project SET
    name = coalesce(%(name)s, name),
    description = coalesce(%(description)s, description),
    status = CASE WHEN status = 'clarifying' AND %(description)s::text IS NOT NULL
                   AND description <> %(description)s THEN 'draft' ELSE status END,
    updated_at = now()
WHERE id = %(project_id)s AND status <> 'archived'

-- name: archive_project
-- Not while a run is live.
UPDATE project SET status = 'archived', updated_at = now()
WHERE id = %(project_id)s AND status NOT IN ('building', 'archived')
RETURNING id, status, name

-- name: get_state
-- Why a guarded change did not happen.
SELECT status FROM project WHERE id = %(project_id)s AND status <> 'archived'

-- name: begin_building
-- The approved spec is built; the next number is this run's.
UPDATE project SET status = 'building', last_run_number = last_run_number + 1, updated_at = now()
WHERE id = %(project_id)s AND status IN ('approved', 'completed', 'failed')
RETURNING last_run_number

-- name: end_building
-- What a run's end leaves the project in.
UPDATE project SET status = %(status)s, updated_at = now()
WHERE id = %(project_id)s AND status = 'building'
