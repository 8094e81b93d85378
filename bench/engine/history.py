"""Jobs of before, written into the tables as the engine would have left them."""

import psycopg

from services.engine.lanes import Lane

TENANT = "ten_bench"
PARKED = "bench.parked"
"""A kind of task that nobody works on."""
WEEK = "'job_' || substr(job_id_at(now() - interval '1 s' * n / 1000), 5) || lpad(n::text, 16, '0')"
FILL = """
INSERT INTO queue (tenant_id, name) VALUES ('{tenant}', 'default') ON CONFLICT DO NOTHING;
INSERT INTO lane (tenant_id, id, queue, kind, priority)
VALUES ('{tenant}', {lane}, 'default', '{kind}', 0) ON CONFLICT DO NOTHING;
CREATE TEMP TABLE made AS SELECT n, n > {finished} AS waits, {id} AS id
FROM generate_series(1, {finished} + {waiting}) AS n;
INSERT INTO run (tenant_id, id, kind, solo, status, trigger, queue, input, output, open_tasks,
                 next_seq, started_at, completed_at)
SELECT '{tenant}', id, 'bench', true, CASE WHEN waits THEN 'queued' ELSE 'succeeded' END, 'api',
       'default', jsonb_build_object('n', n),
       CASE WHEN NOT waits THEN jsonb_build_object('n', n, 'twice', 2 * n) END,
       waits::int, CASE WHEN waits THEN 2 ELSE 4 END,
       CASE WHEN NOT waits THEN now() END, CASE WHEN NOT waits THEN now() END FROM made;
INSERT INTO task (tenant_id, run_id, id, kind, slug, sequence, status, lane, attempt, max_attempts)
SELECT '{tenant}', id, 'task' || substr(id, 4), '{kind}', 'bench', 0,
       CASE WHEN waits THEN 'pending' ELSE 'succeeded' END, {lane}, (NOT waits)::int, 3 FROM made;
INSERT INTO event (tenant_id, id, run_id, seq, type, payload)
SELECT '{tenant}', 'evt' || substr(id, 4, 26) || seq, id, seq,
       (ARRAY['run.created', 'task.started', 'run.completed'])[seq], '{{}}'
FROM made CROSS JOIN generate_series(1, 3) AS seq WHERE seq = 1 OR NOT waits;
INSERT INTO ready (tenant_id, run_id, task_id, lane, run_at)
SELECT '{tenant}', id, 'task' || substr(id, 4), {lane},
       CASE WHEN n % 2 = 0 THEN now() + interval '1 day' END FROM made WHERE waits;
"""


def fill(owner: "psycopg.Connection[tuple[object, ...]]", finished: int, waiting: int) -> None:
    """Finished jobs, and waiting ones: half of them free in a lane of their own, half for later."""
    lane = Lane(TENANT, "default", PARKED).id
    text = FILL.format(
        tenant=TENANT, lane=lane, kind=PARKED, finished=finished, waiting=waiting, id=WEEK
    )
    owner.execute(text.encode())
    owner.execute(b"DROP TABLE made")
