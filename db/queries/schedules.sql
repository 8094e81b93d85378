-- name: create_schedule
-- schedule_name_key guards the name; there are only so many.
INSERT INTO schedule (id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at)
SELECT %(id)s, %(name)s, %(cron)s, %(time_zone)s, %(catch_up)s, %(catch_up_limit)s, %(overlap)s, %(job)s,
       CASE WHEN %(paused)s THEN now() END, %(next_run_at)s
WHERE (SELECT count(*) FROM schedule) < %(most)s
RETURNING id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
          last_run_at, last_job_id, created_at, updated_at

-- name: list_schedules
-- The tenant's schedules by name.
SELECT id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
       last_run_at, last_job_id, created_at, updated_at
FROM schedule
ORDER BY name
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_schedules
-- How many there are on all pages.
SELECT count(*) FROM schedule

-- name: get_schedule
-- One schedule.
SELECT id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
       last_run_at, last_job_id, created_at, updated_at
FROM schedule WHERE id = %(schedule_id)s

-- name: lock_schedule
-- One schedule as it is, so that it neither fires nor changes before the transaction ends; and the
-- time, by the clock that fires it.
SELECT id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
       last_run_at, last_job_id, created_at, updated_at, clock_timestamp() AS now
FROM schedule WHERE id = %(schedule_id)s
FOR UPDATE

-- name: update_schedule
-- A locked schedule becomes what is given.
UPDATE schedule SET name = %(name)s, cron = %(cron)s, time_zone = %(time_zone)s, catch_up = %(catch_up)s,
    catch_up_limit = %(catch_up_limit)s, overlap = %(overlap)s, job = %(job)s, paused_at = %(paused_at)s,
    next_run_at = %(next_run_at)s, updated_at = now()
WHERE id = %(schedule_id)s
RETURNING id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
          last_run_at, last_job_id, created_at, updated_at

-- name: delete_schedule
-- Its jobs stay.
DELETE FROM schedule WHERE id = %(schedule_id)s
RETURNING id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job, paused_at, next_run_at,
          last_run_at, last_job_id, created_at, updated_at

-- name: trigger_schedule
-- A job outside its times is its last one.
UPDATE schedule SET last_job_id = %(job_id)s WHERE id = %(schedule_id)s

-- name: list_due_tenants
-- Across tenants: who has a schedule whose time has come.
SELECT DISTINCT tenant_id FROM schedule
WHERE paused_at IS NULL AND next_run_at <= coalesce(%(now)s::timestamptz, clock_timestamp())

-- name: claim_due
-- Schedules whose time has come and that nobody else is firing, until the transaction ends; and
-- whether the last job of each lives.
SELECT schedule.id, schedule.cron, schedule.time_zone, schedule.catch_up, schedule.catch_up_limit,
       schedule.overlap, schedule.job, schedule.next_run_at,
       coalesce(%(now)s::timestamptz, clock_timestamp()) AS now,
       EXISTS (SELECT FROM run
               WHERE run.id = schedule.last_job_id AND run.status IN ('queued', 'running')) AS is_live
FROM schedule
WHERE paused_at IS NULL AND next_run_at <= coalesce(%(now)s::timestamptz, clock_timestamp())
  AND id <> ALL (%(left_out)s)
ORDER BY next_run_at, id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: move_schedules
-- On from the times that were fired; a time that is not theirs any more is not found.
UPDATE schedule SET next_run_at = item.next_run_at,
    last_run_at = coalesce(item.last_run_at, schedule.last_run_at),
    last_job_id = coalesce(item.last_job_id, schedule.last_job_id)
FROM json_to_recordset(%(moves)s) AS item (
    id text, due_at timestamptz, next_run_at timestamptz, last_run_at timestamptz, last_job_id text)
WHERE schedule.id = item.id AND schedule.next_run_at = item.due_at AND schedule.paused_at IS NULL
