-- name: get_source
-- What is to be packed: a build of this project.
SELECT run.status, run.number, run.output ->> 'commit' AS commit_sha, project.name AS project_name
FROM run JOIN project ON project.id = run.project_id
WHERE run.id = %(run_id)s AND run.project_id = %(project_id)s AND run.kind = 'build'
  AND project.status <> 'archived'

-- name: create_export
-- An export that a worker will pack.
INSERT INTO export (id, project_id, run_id, format, file_name, expires_at)
VALUES (%(id)s, %(project_id)s, %(run_id)s, %(format)s, %(file_name)s,
        now() + make_interval(secs => %(lifetime_seconds)s))

-- name: create_run
-- The run that packs it.
INSERT INTO run (id, kind, project_id, status, trigger, agent, input)
VALUES (%(id)s, 'export', %(project_id)s, 'executing', 'manual', 'scaffold', %(input)s)

-- name: get_export
-- An export; one that has outlived its time is expired, whether it has been swept or not.
SELECT export.id, export.run_id, export.format, export.file_name, export.size_bytes, export.sha256,
       export.left_out, export.error, export.created_at, export.expires_at,
       CASE WHEN export.status = 'completed' AND export.expires_at <= now()
            THEN 'expired' ELSE export.status END AS status,
       CASE WHEN export.status = 'completed' AND export.expires_at > now()
            THEN '/projects/' || export.project_id || '/exports/' || export.id || '/download'
       END AS download_url
FROM export JOIN project ON project.id = export.project_id
WHERE export.id = %(export_id)s AND export.project_id = %(project_id)s
  AND project.status <> 'archived'

-- name: list_exports
-- The project's exports, newest first.
SELECT id, run_id, format, file_name, size_bytes, sha256, left_out, error, created_at, expires_at,
       CASE WHEN status = 'completed' AND expires_at <= now() THEN 'expired' ELSE status END AS status,
       CASE WHEN status = 'completed' AND expires_at > now()
            THEN '/projects/' || project_id || '/exports/' || id || '/download' END AS download_url
FROM export
WHERE project_id = %(project_id)s
ORDER BY id DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_exports
-- How many there are on all pages.
SELECT count(*) FROM export WHERE project_id = %(project_id)s

-- name: get_packing
-- What the packing step reads.
SELECT export.id, export.project_id, export.format, export.file_name,
       source.output ->> 'commit' AS commit_sha
FROM run JOIN export ON export.id = run.input ->> 'exportId'
JOIN run AS source ON source.id = export.run_id
WHERE run.id = %(run_id)s

-- name: complete_export
-- It can be downloaded.
UPDATE export SET status = 'completed', size_bytes = %(size_bytes)s, sha256 = %(sha256)s,
    left_out = %(left_out)s
WHERE id = %(export_id)s AND status = 'processing'

-- name: fail_export
-- It could not be packed.
UPDATE export SET status = 'failed', error = %(error)s
WHERE id = (SELECT input ->> 'exportId' FROM run WHERE id = %(run_id)s) AND status = 'processing'

-- name: list_expired
-- Across tenants: archives to delete.
SELECT tenant_id, id FROM export WHERE status = 'completed' AND expires_at <= now() LIMIT 100

-- name: expire_export
-- Its archive is gone.
UPDATE export SET status = 'expired' WHERE id = %(export_id)s AND status = 'completed'
