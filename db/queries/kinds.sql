-- name: register_kind
-- A kind, or what it is from now on; a new one only up to so many.
INSERT INTO job_kind (name, description, input_schema, input_hash, result_schema, result_hash)
SELECT %(name)s, %(description)s, %(input_schema)s, %(input_hash)s, %(result_schema)s, %(result_hash)s
WHERE (SELECT count(*) FROM job_kind WHERE name <> %(name)s) < %(most)s
ON CONFLICT (tenant_id, name) DO UPDATE SET
    description = excluded.description,
    input_schema = excluded.input_schema, input_hash = excluded.input_hash,
    result_schema = excluded.result_schema, result_hash = excluded.result_hash,
    updated_at = clock_timestamp()
RETURNING name AS kind, description, false AS built_in, input_schema, result_schema, created_at, updated_at

-- name: list_kinds
-- A page by name, the built-in kinds among the others.
SELECT kind, description, built_in, input_schema, result_schema, created_at, updated_at FROM (
    SELECT name AS kind, description, false AS built_in, input_schema, result_schema, created_at, updated_at
    FROM job_kind
    UNION ALL
    SELECT kind, description, true, input_schema, result_schema, NULL, NULL
    FROM json_to_recordset(%(built_in)s) AS built (
        kind text, description text, input_schema jsonb, result_schema jsonb)
) AS known
ORDER BY kind COLLATE "C" LIMIT %(limit)s OFFSET %(offset)s

-- name: count_kinds
-- How many there are on all pages.
SELECT count(*) + json_array_length(%(built_in)s) FROM job_kind

-- name: get_kind
-- A kind that was registered.
SELECT name AS kind, description, false AS built_in, input_schema, result_schema, created_at, updated_at
FROM job_kind WHERE name = %(name)s

-- name: delete_kind
-- From now on nothing of this kind can be asked for.
DELETE FROM job_kind WHERE name = %(name)s
RETURNING name AS kind, description, false AS built_in, input_schema, result_schema, created_at, updated_at

-- name: list_hashes
-- Which schemas hold for these kinds.
SELECT name, input_hash AS hash FROM job_kind WHERE name = ANY(%(names)s)

-- name: list_inputs
-- The schemas of what these kinds take.
SELECT name, input_hash AS hash, input_schema AS schema FROM job_kind WHERE name = ANY(%(names)s)

-- name: list_results
-- The schemas of what these kinds give, of those that have one.
SELECT name, result_hash AS hash, result_schema AS schema FROM job_kind
WHERE name = ANY(%(names)s) AND result_hash IS NOT NULL
