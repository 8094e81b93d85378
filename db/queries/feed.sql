-- name: list_feed
-- Events of the tenant behind a place and up to another, in an order that none is put into later: what
-- is still open, or began after something that is, comes behind all that is listed.
SELECT xid::text::bigint AS xid, id, project_id, run_id, seq, task_id, upper(replace(type, '.', '_')) AS event_type,
       payload, request_id, trace_id, created_at
FROM event
WHERE (xid, id) > (%(xid)s::bigint::text::xid8, %(id)s) AND (xid, id) <= (%(to_xid)s::bigint::text::xid8, %(to_id)s)
  AND xid < pg_snapshot_xmin(pg_current_snapshot())
  AND (%(type)s::text IS NULL OR type = %(type)s)
ORDER BY event.xid, id
LIMIT %(limit)s

-- name: reach
-- The place so many events behind another; none if there are fewer.
SELECT xid::text::bigint AS xid, id
FROM event
WHERE (xid, id) > (%(xid)s::bigint::text::xid8, %(id)s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY event.xid, id
OFFSET %(span)s - 1 LIMIT 1

-- name: get_now
-- The newest event that is listed by now, and whether the caller may see what follows.
SELECT coalesce(newest.xid::text::bigint, 0) AS xid, coalesce(newest.id, '') AS id,
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid,
  (SELECT feed::text FROM tenant) AS generation,
  EXISTS (SELECT FROM event WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS held_up,
  EXISTS (SELECT FROM api_key WHERE api_key.id = %(key_id)s
    AND (api_key.revoked_at IS NOT NULL OR api_key.expires_at <= now())) AS key_ended
FROM (SELECT) AS one LEFT JOIN LATERAL (
  SELECT xid, id FROM event WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY event.xid DESC, id DESC LIMIT 1) AS newest ON true

-- name: list_about
-- Events of a queue or a schedule itself before a place, newest first.
SELECT xid::text::bigint AS xid, id, project_id, run_id, seq, task_id, upper(replace(type, '.', '_')) AS event_type,
       payload, request_id, trace_id, created_at
FROM event
WHERE run_id IS NULL AND about = %(about)s AND (xid, id) < (%(xid)s::bigint::text::xid8, %(id)s)
ORDER BY event.xid DESC, id DESC
LIMIT %(limit)s
