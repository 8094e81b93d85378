-- The first schema. The roles belong to the cluster, so another database may have made them already.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['prazium_app', 'prazium_system'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- made by another database of the cluster at this moment
            END;
        END IF;
        BEGIN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;  -- an administrator has granted it, or the check after the migrations says so
        END;
    END LOOP;
END $$;

-- Places in its feed are of one generation (feed): a database that was put back begins another.
CREATE TABLE tenant (
    id          text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    tier        text NOT NULL DEFAULT 'free',
    feed        uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_name_key UNIQUE (name),
    CONSTRAINT tenant_tier_check CHECK (tier IN ('free', 'pro', 'enterprise'))
);

CREATE TABLE api_key (
    tenant_id   text COLLATE "C" NOT NULL REFERENCES tenant,
    id          text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    key_hash    bytea NOT NULL,
    last_four   text NOT NULL,
    scopes      text[] NOT NULL,
    queues      text[],
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_key_hash_key UNIQUE (key_hash)
);

CREATE TABLE project (
    tenant_id        text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    id               text COLLATE "C" NOT NULL,
    name             text NOT NULL,
    description      text NOT NULL,
    status           text NOT NULL DEFAULT 'draft',
    questions        jsonb NOT NULL DEFAULT '[]',
    answers          jsonb NOT NULL DEFAULT '{}',
    last_run_number  integer NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT project_status_check CHECK (status IN (
        'draft', 'clarifying', 'spec_review', 'approved', 'building', 'completed', 'failed', 'archived'))
);
CREATE UNIQUE INDEX project_name_key ON project (tenant_id, lower(name)) WHERE status <> 'archived';

CREATE TABLE spec (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    project_id   text COLLATE "C" NOT NULL,
    version      integer NOT NULL,
    brief        jsonb NOT NULL,
    documents    jsonb NOT NULL,
    feedback     text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    approved_at  timestamptz,
    PRIMARY KEY (tenant_id, project_id, version),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project
);

-- A name inside a tenant that jobs are sent to; made when the first one is. Whoever leases tasks of a
-- queue that is limited locks its row before it counts (grant_lanes).
CREATE TABLE queue (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    name           text COLLATE "C" NOT NULL,
    paused_at      timestamptz,
    concurrency    integer,
    rate_limit     integer,
    rate_period_s  integer,
    limited        boolean NOT NULL GENERATED ALWAYS AS (concurrency IS NOT NULL OR rate_limit IS NOT NULL) STORED,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name),
    CONSTRAINT queue_rate_check CHECK ((rate_limit IS NULL) = (rate_period_s IS NULL))
);
CREATE INDEX queue_limited ON queue (tenant_id, name) WHERE limited;

-- How many tasks of a queue with a rate limit began when, for as long as that counts.
CREATE TABLE queue_start (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    queue      text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    starts     integer NOT NULL,
    PRIMARY KEY (tenant_id, queue, at)
);

-- What claims are made from: tasks of one kind and priority in one queue, first in, first out. The
-- id is a hash of the rest, so that whoever adds a task knows it without a look.
CREATE TABLE lane (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id         bigint NOT NULL,
    queue      text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    priority   integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX lane_kind ON lane (kind);
CREATE INDEX lane_queue ON lane (tenant_id, queue);

-- Lanes of queues that were deleted, for tasks that are to be done once more: they know no more of theirs than
-- its id. No claim looks here.
CREATE TABLE lane_gone (LIKE lane INCLUDING DEFAULTS, PRIMARY KEY (tenant_id, id));

-- Nobody deletes a queue of the tenant before this transaction ends: whoever makes lanes asks for that first, as a
-- lane that is seen and then deleted would leave tasks that nobody finds.
CREATE FUNCTION keep_queues() RETURNS boolean LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(hashtextextended(current_setting('prazium.tenant'), 2)) IS NOT NULL
$$;

-- Every claim looks at every lane and at every queue that is limited: without an end to them, one tenant
-- could make the claims of all slow. Those who add some to a tenant do so one after the other, as none
-- sees what others have not committed; the product's own do not count.
CREATE FUNCTION bound_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id, 1));
    EXECUTE format('SELECT count(*) FROM %I WHERE tenant_id = $1 AND %I <> ''_own''', TG_TABLE_NAME, TG_ARGV[1])
        INTO rows USING NEW.tenant_id;
    IF rows > TG_ARGV[0]::bigint THEN
        RAISE check_violation USING CONSTRAINT = TG_TABLE_NAME || '_count_check';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER queue_came AFTER INSERT ON queue
    FOR EACH ROW WHEN (NEW.name <> '_own') EXECUTE FUNCTION bound_rows(1000, name);
CREATE TRIGGER lane_came AFTER INSERT ON lane
    FOR EACH ROW WHEN (NEW.queue <> '_own') EXECUTE FUNCTION bound_rows(2000, queue);

-- run, task and event are partitioned by the run's id, and so by the time of its creation: jobs are
-- in one partition a week, which goes as a whole (keep_weeks); what is kept with its project is in
-- run_kept, task_kept and event_kept. The partitions of jobs have no foreign keys, as these cost as
-- much as the rows and hold back the dropping. No index or predicate has a column that changes while
-- a job runs, so that its updates stay on their page (HOT).
CREATE TABLE run (
    tenant_id     text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id            text COLLATE "C" NOT NULL,
    kind          text NOT NULL,
    solo          boolean NOT NULL DEFAULT false,
    project_id    text COLLATE "C",
    number        integer,
    status        text NOT NULL,
    trigger       text NOT NULL,
    agent         text,
    retry_of      text COLLATE "C",
    spec_version  integer,
    queue         text COLLATE "C",
    dedupe_key    text COLLATE "C",
    tags          text[],
    input         jsonb NOT NULL DEFAULT '{}',
    options       jsonb,
    plan          jsonb,
    progress      jsonb,
    output        jsonb,
    output_blob   text COLLATE "C",
    output_size   bigint,
    cost_msat     bigint NOT NULL DEFAULT 0,
    error         jsonb,
    open_tasks    integer NOT NULL DEFAULT 0,
    on_failure    text,
    parent_id     text COLLATE "C",
    parent_task   text COLLATE "C",
    depth         integer NOT NULL DEFAULT 0,
    request_id    text DEFAULT nullif(current_setting('prazium.request', true), ''),
    trace_id      text DEFAULT nullif(substr(current_setting('prazium.traceparent', true), 4, 32), ''),
    next_seq      bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    completed_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT run_open_tasks_check CHECK (open_tasks >= 0),
    CONSTRAINT run_on_failure_check CHECK (on_failure = 'continue'),
    CONSTRAINT run_status_check CHECK (status IN (
        'queued', 'running', 'decomposing', 'executing', 'merging', 'verifying',
        'succeeded', 'failed', 'cancelled'))
) PARTITION BY RANGE (id);
CREATE INDEX run_blob ON run (output_blob) WHERE output_blob IS NOT NULL;
CREATE TABLE run_kept PARTITION OF run (
    FOREIGN KEY (tenant_id) REFERENCES tenant,
    FOREIGN KEY (tenant_id, project_id) REFERENCES project,
    FOREIGN KEY (tenant_id, project_id, spec_version) REFERENCES spec,
    CONSTRAINT run_number_key UNIQUE (tenant_id, project_id, number)
) DEFAULT;
CREATE UNIQUE INDEX run_live_key ON run_kept (tenant_id, project_id)
    WHERE kind = 'build' AND status IN ('decomposing', 'executing', 'merging', 'verifying');
CREATE INDEX run_live_graph ON run_kept (tenant_id) WHERE kind = 'graph' AND status IN ('queued', 'running');

-- What a task waits for is counted by unmet: dependencies, and for a map that has begun its items. The
-- condition is null if all dependencies have to succeed, the form if a function does the task. refs
-- are the results that its definition refers to; parent_id and place are those of an item of a map,
-- place is its turn; place of a map is how many of its items may have begun, and null once all may;
-- child_id is the run that the task waits for.
CREATE TABLE task (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    run_id         text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    kind           text NOT NULL,
    slug           text NOT NULL,
    sequence       integer NOT NULL,
    lane           bigint NOT NULL,
    status         text NOT NULL DEFAULT 'pending',
    definition     jsonb,
    options        jsonb,
    branch_name    text,
    worktree_path  text,
    unmet          integer NOT NULL DEFAULT 0,
    condition      text,
    form           text,
    refs           jsonb,
    parent_id      text COLLATE "C",
    place          integer,
    child_id       text COLLATE "C",
    attempt        integer NOT NULL DEFAULT 0,
    max_attempts   integer NOT NULL DEFAULT 3,
    result         jsonb,
    error          jsonb,
    request_id     text DEFAULT nullif(current_setting('prazium.request', true), ''),
    traceparent    text DEFAULT nullif(current_setting('prazium.traceparent', true), ''),
    tracestate     text DEFAULT nullif(current_setting('prazium.tracestate', true), ''),
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    completed_at   timestamptz,
    PRIMARY KEY (tenant_id, run_id, id),
    CONSTRAINT task_unmet_check CHECK (unmet >= 0),
    CONSTRAINT task_condition_check CHECK (condition IN ('any_succeeded', 'all_ended')),
    CONSTRAINT task_form_check CHECK (form IN ('map', 'wait', 'run')),
    CONSTRAINT task_status_check CHECK (status IN (
        'pending', 'waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'))
) PARTITION BY RANGE (run_id);
CREATE TABLE task_kept PARTITION OF task (
    FOREIGN KEY (tenant_id, run_id) REFERENCES run_kept
) DEFAULT WITH (fillfactor = 60);
-- In another collation, so that it is not taken for the primary key: to a planner without statistics all
-- indexes that begin with the run are alike.
CREATE UNIQUE INDEX task_slug_key ON task_kept (
    run_id COLLATE "POSIX", slug COLLATE "POSIX", tenant_id COLLATE "POSIX");
CREATE INDEX task_item ON task_kept (tenant_id, run_id, parent_id, place) WHERE parent_id IS NOT NULL;
CREATE INDEX task_form ON task_kept (tenant_id, run_id) WHERE form IS NOT NULL;

CREATE TABLE task_dependency (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    run_id      text COLLATE "C" NOT NULL,
    task_id     text COLLATE "C" NOT NULL,
    depends_on  text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, run_id, depends_on, task_id),
    FOREIGN KEY (tenant_id, run_id, task_id) REFERENCES task_kept,
    FOREIGN KEY (tenant_id, run_id, depends_on) REFERENCES task_kept
);

-- What was sent to a live run, and no task has waited for yet.
CREATE TABLE signal (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    run_id      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    payload     jsonb,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, run_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES run_kept
);

-- What can be worked on now or soon, and who holds it; small, so that claiming is cheap. A row is
-- free (no run_at, no lease: it is in ready_free, behind all that were free before), waits for its
-- time (run_at), or is leased. At expires_at it has waited or worked for too long: for its first
-- attempt (start_by), at this attempt (timeout_s), or in all (end_by). It was interrupted if nobody
-- knows how far the last attempt came. A solo run is begun if the start of this attempt is recorded. It
-- was leased from a limited queue if whoever ends it is to wake those who wait for the queue. It has a
-- worker while it is leased: who finds rows by their ids asks for that, as lease_until belongs to partial
-- indexes, which are tiny to a planner whose figures are of a quiet moment. The log of a job that is done
-- once more goes on behind log_from, as its attempts are counted anew.
CREATE TABLE ready (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    run_id       text COLLATE "C" NOT NULL,
    task_id      text COLLATE "C" NOT NULL,
    lane         bigint NOT NULL,
    solo         boolean NOT NULL DEFAULT false,
    n            bigint GENERATED ALWAYS AS IDENTITY,
    run_at       timestamptz,
    attempt      integer NOT NULL DEFAULT 0,
    lease_token  bigint NOT NULL DEFAULT 0,
    lease_until  timestamptz,
    worker_id    text,
    interrupted  boolean NOT NULL DEFAULT false,
    begun        boolean NOT NULL DEFAULT false,
    timeout_s    double precision,
    start_by     timestamptz,
    end_by       timestamptz,
    expires_at   timestamptz,
    free_since   timestamptz NOT NULL DEFAULT clock_timestamp(),
    limited      boolean NOT NULL DEFAULT false,
    concurrency_key    text COLLATE "C",
    concurrency_limit  integer,
    priority     integer NOT NULL DEFAULT 0,
    log_from     bigint,
    PRIMARY KEY (tenant_id, run_id, task_id),
    CONSTRAINT ready_lease_check CHECK ((lease_until IS NULL) = (worker_id IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ready_free ON ready (lane, n) WHERE lease_until IS NULL AND run_at IS NULL;
CREATE INDEX ready_delayed ON ready (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX ready_leased ON ready (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ready_expiring ON ready (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX ready_running ON ready (lane) WHERE lease_until IS NOT NULL;
CREATE INDEX ready_later ON ready (lane, run_at) WHERE run_at IS NOT NULL;

-- Of the tasks with a concurrency key, so many have a place as their newest says: they are free or
-- leased. The others are parked (run_at is infinity) until `admit_tasks` gives them one. Whatever
-- brings, ends or delays such a task leaves a note that its key is to be looked at; it takes no lock.
CREATE INDEX ready_keyed ON ready (tenant_id, concurrency_key, run_id) WHERE concurrency_key IS NOT NULL;
CREATE INDEX ready_placed ON ready (tenant_id, concurrency_key)
    WHERE concurrency_key IS NOT NULL AND run_at IS NULL;
CREATE INDEX ready_parked ON ready (tenant_id, concurrency_key, priority DESC, run_id) WHERE run_at = 'infinity';

CREATE TABLE key_note (
    tenant_id        text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    concurrency_key  text COLLATE "C" NOT NULL,
    n                bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, n)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE FUNCTION note_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO key_note (tenant_id, concurrency_key)
    VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), coalesce(NEW.concurrency_key, OLD.concurrency_key));
    RETURN NULL;
END $$;
CREATE TRIGGER ready_came AFTER INSERT ON ready
    FOR EACH ROW WHEN (NEW.concurrency_key IS NOT NULL) EXECUTE FUNCTION note_key();
CREATE TRIGGER ready_waits AFTER UPDATE OF run_at ON ready
    FOR EACH ROW WHEN (NEW.concurrency_key IS NOT NULL AND NEW.run_at IS NOT NULL) EXECUTE FUNCTION note_key();
CREATE TRIGGER ready_ended AFTER DELETE ON ready
    FOR EACH ROW WHEN (OLD.concurrency_key IS NOT NULL) EXECUTE FUNCTION note_key();

-- Jobs that have failed and wait for someone to look.
CREATE TABLE dead_letter (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    queue      text COLLATE "C" NOT NULL,
    run_id     text COLLATE "C" NOT NULL,
    failed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    code       text NOT NULL,
    PRIMARY KEY (tenant_id, run_id)
) PARTITION BY RANGE (run_id);
CREATE TABLE dead_letter_kept PARTITION OF dead_letter DEFAULT;
CREATE INDEX dead_letter_queue ON dead_letter (tenant_id, queue, failed_at, run_id);

-- Which live job has a key; another with the same key is this one.
CREATE TABLE dedupe (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    queue      text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    run_id     text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, queue, key)
);

CREATE TABLE event (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id          text COLLATE "C" NOT NULL,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    project_id  text COLLATE "C",
    run_id      text COLLATE "C",
    seq         bigint,
    task_id     text COLLATE "C",
    about       text COLLATE "C",
    type        text NOT NULL,
    payload     jsonb NOT NULL,
    request_id  text DEFAULT nullif(current_setting('prazium.request', true), ''),
    trace_id    text DEFAULT nullif(substr(current_setting('prazium.traceparent', true), 4, 32), ''),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_seq_key UNIQUE (tenant_id, run_id, seq),
    CONSTRAINT event_seq_check CHECK ((run_id IS NULL) = (seq IS NULL))
) PARTITION BY RANGE (run_id);
CREATE TABLE event_kept PARTITION OF event (
    FOREIGN KEY (tenant_id, project_id) REFERENCES project,
    FOREIGN KEY (tenant_id, run_id) REFERENCES run_kept
) DEFAULT;
CREATE INDEX event_feed ON event (tenant_id, xid, id);
CREATE INDEX event_about ON event_kept (tenant_id, about, xid, id) WHERE about IS NOT NULL;
CREATE INDEX event_skipped ON event_kept (created_at) WHERE type = 'schedule.skipped';

-- The lines that workers write about a job, numbered under the lock of its lease.
CREATE TABLE job_log (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    run_id     text COLLATE "C" NOT NULL,
    seq        bigint NOT NULL,
    attempt    integer NOT NULL,
    level      text NOT NULL,
    message    text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, seq),
    CONSTRAINT job_log_level_check CHECK (level IN ('debug', 'info', 'warning', 'error'))
) PARTITION BY RANGE (run_id);
CREATE TABLE job_log_kept PARTITION OF job_log DEFAULT;

CREATE TABLE export (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id          text COLLATE "C" NOT NULL,
    project_id  text COLLATE "C" NOT NULL,
    run_id      text COLLATE "C" NOT NULL,
    status      text NOT NULL DEFAULT 'processing',
    format      text NOT NULL,
    file_name   text NOT NULL,
    size_bytes  bigint,
    sha256      text,
    left_out    text[],
    error       jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project,
    FOREIGN KEY (tenant_id, run_id) REFERENCES run_kept,
    CONSTRAINT export_format_check CHECK (format IN ('zip', 'tar.gz')),
    CONSTRAINT export_status_check CHECK (status IN ('processing', 'completed', 'failed', 'expired'))
);
CREATE INDEX export_project ON export (tenant_id, project_id, id);
CREATE INDEX export_expiry ON export (expires_at) WHERE status = 'completed';

-- When a job is created again and again. Who creates the jobs of a time locks the row and moves it on
-- in the same transaction, so that a time comes once; it only goes forward.
CREATE TABLE schedule (
    tenant_id       text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    id              text COLLATE "C" NOT NULL,
    name            text NOT NULL,
    cron            text NOT NULL,
    time_zone       text NOT NULL,
    catch_up        text NOT NULL,
    catch_up_limit  integer NOT NULL,
    overlap         text NOT NULL,
    job             jsonb NOT NULL,
    paused_at       timestamptz,
    next_run_at     timestamptz,
    last_run_at     timestamptz,
    last_job_id     text COLLATE "C",
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT schedule_name_key UNIQUE (tenant_id, name),
    CONSTRAINT schedule_forward_check CHECK (next_run_at > last_run_at),
    CONSTRAINT schedule_catch_up_check CHECK (catch_up IN ('none', 'one', 'all')),
    CONSTRAINT schedule_overlap_check CHECK (overlap IN ('allow', 'skip'))
);
CREATE INDEX schedule_due ON schedule (next_run_at) WHERE paused_at IS NULL;

-- What the tenant's own workers do: a name, and JSON Schemas of what it takes and gives. The hashes are
-- those of the schemas' bytes: whoever has compiled one asks for no other.
CREATE TABLE job_kind (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    name           text COLLATE "C" NOT NULL,
    description    text NOT NULL,
    input_schema   jsonb NOT NULL,
    input_hash     text NOT NULL,
    result_schema  jsonb,
    result_hash    text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name),
    CONSTRAINT job_kind_result_check CHECK ((result_schema IS NULL) = (result_hash IS NULL))
);

-- The tenant's own workers, as they were last heard of.
CREATE TABLE job_worker (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    id           text COLLATE "C" NOT NULL,
    name         text,
    kinds        text[] NOT NULL,
    queues       text[] NOT NULL,
    slots        integer NOT NULL DEFAULT 0,
    leases_lost  bigint NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX job_worker_seen ON job_worker (seen_at);

-- The answer that a request with an Idempotency-Key was given; as long as it is at work, its claim.
CREATE TABLE idempotency_key (
    tenant_id     text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    operation     text COLLATE "C" NOT NULL,
    key           text COLLATE "C" NOT NULL,
    request_hash  bytea NOT NULL,
    token         uuid NOT NULL DEFAULT gen_random_uuid(),
    lease_until   timestamptz NOT NULL,
    status        integer,
    headers       jsonb,
    body          bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, operation, key),
    CONSTRAINT idempotency_key_answer_check CHECK (num_nulls(status, headers, body) IN (0, 3))
);
CREATE INDEX idempotency_key_expiry ON idempotency_key (expires_at);

-- The installation's own worker processes, as they told last; no queues are all queues.
CREATE TABLE worker (
    id           text COLLATE "C" PRIMARY KEY,
    host         text NOT NULL DEFAULT '',
    pid          integer NOT NULL DEFAULT 0,
    queues       text[],
    slots        integer NOT NULL DEFAULT 0,
    working      integer NOT NULL DEFAULT 0,
    leases_lost  bigint NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now()
);

-- In how many leases a worker was lost, by the minute; there is a row only if there were any.
CREATE TABLE lease_loss (
    minute  timestamptz PRIMARY KEY,
    leases  bigint NOT NULL
);

-- One equality policy for each tenant table.
CREATE POLICY own_tenant ON tenant TO prazium_app
    USING (id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON api_key TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON project TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON spec TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON run TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON task TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON task_dependency TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON signal TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON queue TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON queue_start TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON lane TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON lane_gone TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON ready TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON key_note TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON dead_letter TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON dedupe TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON event TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON job_log TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON export TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON schedule TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON job_kind TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON job_worker TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON idempotency_key TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));

-- The machinery sees all rows of what it is granted.
CREATE POLICY machinery ON tenant TO prazium_system USING (true);
CREATE POLICY machinery ON api_key TO prazium_system USING (true);
CREATE POLICY machinery ON project TO prazium_system USING (true);
CREATE POLICY machinery ON run TO prazium_system USING (true);
CREATE POLICY machinery ON task TO prazium_system USING (true);
CREATE POLICY machinery ON queue TO prazium_system USING (true);
CREATE POLICY machinery ON queue_start TO prazium_system USING (true);
CREATE POLICY machinery ON lane TO prazium_system USING (true);
CREATE POLICY machinery ON ready TO prazium_system USING (true);
CREATE POLICY machinery ON key_note TO prazium_system USING (true);
CREATE POLICY machinery ON export TO prazium_system USING (true);
CREATE POLICY machinery ON schedule TO prazium_system USING (true);
CREATE POLICY machinery ON job_worker TO prazium_system USING (true);
CREATE POLICY machinery ON idempotency_key TO prazium_system USING (true);
CREATE POLICY machinery ON worker TO prazium_system USING (true);
CREATE POLICY machinery ON lease_loss TO prazium_system USING (true);
CREATE POLICY machinery ON dead_letter TO prazium_system USING (true);
CREATE POLICY machinery ON event FOR SELECT TO prazium_system USING (true);
CREATE POLICY forgotten ON event FOR DELETE TO prazium_system USING (type = 'schedule.skipped');

ALTER TABLE tenant          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_key         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE project         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE spec            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run             ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run_kept        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE task            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE task_kept       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE task_dependency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE signal          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE queue           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE queue_start     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lane            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lane_gone       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ready           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_note        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE dead_letter     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE dead_letter_kept ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE dedupe          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE event           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE event_kept      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE job_log         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE job_log_kept    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE export          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE schedule        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE job_kind        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE job_worker      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE worker          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lease_loss      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON tenant TO prazium_app;
GRANT SELECT (tenant_id, id, expires_at, revoked_at) ON api_key TO prazium_app;
GRANT SELECT, INSERT, UPDATE ON project, spec, run, task, export TO prazium_app;
GRANT SELECT, INSERT ON task_dependency, lane_gone, event, job_log TO prazium_app;
GRANT SELECT, INSERT, DELETE ON lane, signal TO prazium_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue TO prazium_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ready, queue_start, dedupe, idempotency_key TO prazium_app;
GRANT SELECT, INSERT, DELETE ON dead_letter TO prazium_app;
GRANT INSERT ON key_note TO prazium_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON schedule, job_kind, job_worker TO prazium_app;

GRANT SELECT, INSERT ON tenant TO prazium_system;
GRANT SELECT, INSERT, UPDATE ON api_key TO prazium_system;
GRANT SELECT (tenant_id, id, status) ON project TO prazium_system;
GRANT SELECT (tenant_id, id, project_id, kind, status, solo, queue, output_blob) ON run TO prazium_system;
GRANT SELECT (tenant_id, xid, id, run_id, type, created_at), DELETE ON event TO prazium_system;
GRANT SELECT ON dead_letter TO prazium_system;
GRANT SELECT (tenant_id, id, run_id, kind, status, worktree_path, request_id, traceparent, tracestate,
              max_attempts, options)
    ON task TO prazium_system;
GRANT SELECT (tenant_id, id, status, expires_at) ON export TO prazium_system;
GRANT SELECT (tenant_id, paused_at, next_run_at) ON schedule TO prazium_system;
GRANT SELECT (expires_at), DELETE ON idempotency_key TO prazium_system;
GRANT SELECT ON lane, queue TO prazium_system;
GRANT SELECT, UPDATE ON ready TO prazium_system;
GRANT UPDATE (updated_at) ON queue TO prazium_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_start TO prazium_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON key_note TO prazium_system;
GRANT SELECT, DELETE ON job_worker TO prazium_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker, lease_loss TO prazium_system;

-- How many tasks of a queue may be leased now, null for any number; or else in how many seconds the
-- first of those that began leaves the period. Only who holds the queue's lock may count on it.
CREATE FUNCTION queue_room(asked queue, OUT room bigint, OUT again_s double precision) LANGUAGE sql STABLE AS $$
    SELECT least(asked.concurrency - running.n, asked.rate_limit - started.n),
           CASE WHEN asked.rate_limit <= started.n
               THEN extract(epoch FROM started.first - clock_timestamp()) + asked.rate_period_s END
    FROM (
        SELECT count(*) AS n FROM lane JOIN ready ON ready.lane = lane.id
        WHERE asked.concurrency IS NOT NULL AND ready.lease_until IS NOT NULL
          AND lane.tenant_id = asked.tenant_id AND lane.queue = asked.name
    ) AS running, (
        SELECT coalesce(sum(starts), 0) AS n, min(at) AS first FROM queue_start
        WHERE queue_start.tenant_id = asked.tenant_id AND queue_start.queue = asked.name
          AND at > clock_timestamp() - make_interval(secs => asked.rate_period_s)
    ) AS started
$$;

-- How much a claim of so many may take from the lanes of limited queues: what is first in each by
-- priority and age, as far as there is room. A queue that gives something is locked until the claim is
-- committed; whoever comes meanwhile passes it by, and is told like one who finds no room when to ask
-- again. Each statement in here sees what was committed before it, so that what is counted behind the
-- lock is exact. Whoever holds the lock and is silent loses it soon. Queues of tenants that are left out are
-- neither locked nor told of.
CREATE FUNCTION grant_lanes(kinds text[], queues text[], heads jsonb, slots integer, left_out text[])
RETURNS TABLE (tenant_id text, lane bigint, kind text, most bigint, again_s double precision)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    open queue[];
    held queue[];
BEGIN
    IF NOT EXISTS (SELECT FROM queue WHERE limited) THEN
        RETURN;
    END IF;
    open := ARRAY(
        SELECT queue FROM queue
        CROSS JOIN LATERAL (
            SELECT lane.priority FROM lane
            WHERE lane.tenant_id = queue.tenant_id AND lane.queue = queue.name AND lane.kind = ANY(kinds)
              AND EXISTS (SELECT FROM ready
                          WHERE ready.lane = lane.id AND ready.n >= coalesce((heads -> lane.id::text)::bigint, 0)
                            AND ready.lease_until IS NULL AND ready.run_at IS NULL
                            AND (ready.expires_at IS NULL OR ready.expires_at > clock_timestamp()))
            ORDER BY lane.priority DESC LIMIT 1
        ) AS first
        WHERE queue.limited AND queue.paused_at IS NULL AND (queues IS NULL OR queue.name = ANY(queues))
          AND NOT queue.tenant_id = ANY(left_out)
        ORDER BY row_number() OVER (PARTITION BY queue.tenant_id ORDER BY first.priority DESC, random()), random()
    );
    held := ARRAY(
        SELECT queue FROM queue JOIN (
            SELECT candidate.tenant_id, candidate.name FROM unnest(open) AS candidate
            CROSS JOIN LATERAL queue_room(candidate) AS now WHERE now.room > 0 LIMIT slots
        ) AS chosen ON queue.tenant_id = chosen.tenant_id AND queue.name = chosen.name
        ORDER BY queue.tenant_id, queue.name FOR NO KEY UPDATE OF queue SKIP LOCKED
    );
    IF held <> '{}' THEN
        PERFORM set_config('idle_in_transaction_session_timeout', '2s', true);
        DELETE FROM queue_start USING unnest(held) AS queue
        WHERE queue_start.tenant_id = queue.tenant_id AND queue_start.queue = queue.name
          AND at <= clock_timestamp() - make_interval(secs => queue.rate_period_s);
    END IF;
    RETURN QUERY
        SELECT queue.tenant_id, chosen.id, chosen.kind, count(*), NULL::double precision
        FROM unnest(held) AS queue CROSS JOIN LATERAL queue_room(queue) AS now
        CROSS JOIN LATERAL (
            SELECT lane.id, lane.kind FROM lane
            CROSS JOIN LATERAL (
                SELECT ready.n FROM ready
                WHERE ready.lane = lane.id AND ready.n >= coalesce((heads -> lane.id::text)::bigint, 0)
                  AND ready.lease_until IS NULL AND ready.run_at IS NULL
                  AND (ready.expires_at IS NULL OR ready.expires_at > clock_timestamp())
                ORDER BY ready.n LIMIT least(slots, now.room)
            ) AS first
            WHERE lane.tenant_id = queue.tenant_id AND lane.queue = queue.name AND lane.kind = ANY(kinds)
            ORDER BY lane.priority DESC, first.n LIMIT least(slots, now.room)
        ) AS chosen
        WHERE queue.paused_at IS NULL AND now.room > 0
        GROUP BY queue.tenant_id, chosen.id, chosen.kind;
    RETURN QUERY
        SELECT DISTINCT queue.tenant_id, 0::bigint, lane.kind, 0::bigint,
               greatest(CASE WHEN now.room > 0 THEN 0.005 + random() * 0.03 ELSE now.again_s END, 0.001)
        FROM unnest(open) AS queue CROSS JOIN LATERAL queue_room(queue) AS now
        JOIN lane ON lane.tenant_id = queue.tenant_id AND lane.queue = queue.name AND lane.kind = ANY(kinds)
        WHERE (queue.tenant_id, queue.name) NOT IN (SELECT taken.tenant_id, taken.name FROM unnest(held) AS taken)
          AND (now.room > 0 OR now.again_s IS NOT NULL);
END $$;
REVOKE ALL ON FUNCTION grant_lanes(text[], text[], jsonb, integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grant_lanes(text[], text[], jsonb, integer, text[]) TO prazium_app, prazium_system;

-- What tasks of a run came to, for references to them: a list of lists, with one entry or, if there
-- is nothing at the path, with none. Null if that is more than so many bytes.
CREATE FUNCTION found_results(run text, refs jsonb, most integer DEFAULT 4194304) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH found AS MATERIALIZED (
        SELECT ref.n, result.value
        FROM jsonb_array_elements(refs) WITH ORDINALITY AS ref (item, n)
        LEFT JOIN LATERAL (
            SELECT CASE ref.item ->> 'of' WHEN 'error' THEN task.error WHEN 'status' THEN to_jsonb(task.status)
                        ELSE task.result END
                   #> ARRAY(SELECT jsonb_array_elements_text(ref.item -> 'path')) AS value
            FROM task WHERE task.run_id = run AND task.id = ref.item ->> 'task'
        ) AS result ON true
    )
    SELECT CASE WHEN (SELECT sum(octet_length(value::text)) FROM found) > most THEN NULL ELSE coalesce((
        SELECT jsonb_agg(CASE WHEN value IS NULL THEN '[]' ELSE jsonb_build_array(value) END ORDER BY n)
        FROM found), '[]') END
$$;

-- A token behind all those of a task's leases, which may have been done before: whoever held one of them is
-- not taken for the next one who does it.
CREATE FUNCTION later_token() RETURNS bigint LANGUAGE sql AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1024
$$;

-- What follows when tasks of a run have ended, in one call however many it concerns: what waited for
-- these alone is free or, with a form, to be opened; what can never run any more is skipped, and all
-- that waits for it. It goes in waves, each in one statement. Nothing is joined, here and in what follows:
-- rows are found by their ids, and what is said of one is looked up in a JSON object by its id. Joined, a
-- planner that knows nothing of the size of a run walks over the whole run for each of its tasks. How many
-- tasks of the run are open then is for whoever calls this to count.
CREATE FUNCTION skips(edges jsonb, condition text, unmet integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (edges -> 'ill')::integer > 0 AND condition IS DISTINCT FROM 'all_ended'
       AND (condition IS NULL OR (edges -> 'well')::integer = 0 AND unmet = (edges -> 'ill')::integer)
$$;
CREATE FUNCTION settle_tasks(run text, ended text[], succeeded boolean[])
RETURNS TABLE (id text, became text, kind text) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    good text[] := ARRAY(SELECT unnest.task FROM unnest(ended, succeeded) AS unnest (task, well) WHERE well);
    bad text[] := ARRAY(SELECT unnest.task FROM unnest(ended, succeeded) AS unnest (task, well) WHERE NOT well);
    edges jsonb;
    lost text[];
    one record;
    met record;
BEGIN
    WHILE good || bad <> '{}' LOOP
        lost := '{}';
        SELECT coalesce(jsonb_object_agg(task_id, jsonb_build_object('well', well, 'ill', ill)), '{}') INTO edges FROM (
            SELECT task_id, sum(well) AS well, sum(ill) AS ill FROM (
                SELECT task_id, 1 AS well, 0 AS ill FROM task_dependency WHERE run_id = run AND depends_on = ANY(good)
                UNION ALL
                SELECT task_id, 0, 1 FROM task_dependency WHERE run_id = run AND depends_on = ANY(bad)
            ) AS edge GROUP BY task_id
        ) AS counted;
        FOR one IN
            WITH moved AS (
                UPDATE task SET
                    unmet = CASE WHEN (edges -> task.id -> 'well')::integer > 0 AND condition = 'any_succeeded' THEN 0
                        ELSE unmet - (edges -> task.id -> 'well')::integer - (edges -> task.id -> 'ill')::integer END,
                    status = CASE WHEN skips(edges -> task.id, condition, unmet) THEN 'skipped' ELSE status END,
                    completed_at = CASE WHEN skips(edges -> task.id, condition, unmet) THEN clock_timestamp() END
                WHERE task.run_id = run AND task.id = ANY(ARRAY(SELECT jsonb_object_keys(edges)))
                  AND status = 'pending' AND unmet > 0
                RETURNING task.id, kind, lane, (options ->> 'timeout_s')::double precision AS timeout_s,
                    CASE WHEN status = 'skipped' THEN status WHEN unmet > 0 THEN NULL
                         WHEN form IS NULL THEN 'freed' ELSE 'opened' END AS became
            ), freed AS (
                INSERT INTO ready (run_id, task_id, lane, lease_token, timeout_s)
                SELECT run, id, lane, later_token(), timeout_s FROM moved WHERE became = 'freed' ORDER BY id
            )
            SELECT id, became, kind FROM moved WHERE became IS NOT NULL ORDER BY id
        LOOP
            IF one.became = 'skipped' THEN
                lost := lost || one.id;
            END IF;
            RETURN QUERY SELECT one.id, one.became, one.kind;
        END LOOP;
        FOR one IN
            -- Put plainly, the two conditions would name indexes that are walked over, for all items of the map.
            SELECT parent_id, count(*)::integer AS items FROM (
                SELECT parent_id FROM task WHERE run_id = run AND id = ANY(good || bad) OFFSET 0
            ) AS ended WHERE parent_id IS NOT NULL GROUP BY parent_id
        LOOP
            UPDATE task SET unmet = unmet - one.items
            WHERE task.run_id = run AND task.id = one.parent_id AND status = 'waiting' AND unmet > 0
              AND coalesce(form, '') = 'map'
            RETURNING task.id, task.unmet, task.place, task.kind INTO met;
            IF FOUND AND (met.unmet = 0 OR met.place IS NOT NULL) THEN
                RETURN QUERY SELECT met.id, 'opened', met.kind;
            END IF;
        END LOOP;
        good := '{}';
        bad := lost;
    END LOOP;
END $$;

-- Events of tasks of one run, numbered in the order in which they are given, after which so many fewer of its
-- tasks are open; how many are left.
CREATE FUNCTION tell_tasks(run text, told jsonb[], closed integer) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    still_open integer;
BEGIN
    WITH numbered AS (
        UPDATE run SET next_seq = next_seq + cardinality(told), open_tasks = open_tasks - closed,
            status = CASE status WHEN 'queued' THEN 'running' ELSE status END,
            started_at = coalesce(started_at, clock_timestamp())
        WHERE id = tell_tasks.run
        RETURNING id, project_id, next_seq - cardinality(told) - 1 AS before, open_tasks
    ), added AS (
        INSERT INTO event (id, project_id, run_id, seq, task_id, type, payload, request_id, trace_id)
        SELECT item ->> 'id', project_id, numbered.id, before + place, item ->> 'task', item ->> 'type',
               item -> 'payload', item ->> 'request', substr(item ->> 'trace', 4, 32)
        FROM numbered, unnest(told) WITH ORDINALITY AS items (item, place)
    )
    SELECT open_tasks INTO still_open FROM numbered;
    RETURN still_open;
END $$;

-- Tasks of a graph that were claimed are begun, or begun again after a worker was lost; whoever does not
-- hold the lease any more gets nothing. What is to be told of a task comes with it. The run is locked by
-- whoever calls this.
CREATE TYPE begun_task AS (
    id text, run_id text, kind text, slug text, sequence integer, definition jsonb, branch_name text,
    attempt integer, max_attempts integer, options jsonb, lease_token bigint, interrupted boolean,
    request_id text, traceparent text, tracestate text, refs jsonb, results jsonb, told jsonb);
CREATE FUNCTION start_tasks(run text, leases jsonb) RETURNS SETOF begun_task
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH held AS (
        SELECT task_id, attempt, interrupted, worker_id FROM ready
        WHERE run_id = run AND task_id = ANY(ARRAY(SELECT jsonb_object_keys(leases)))
          AND lease_token = (leases -> task_id -> 'lease_token')::bigint AND worker_id IS NOT NULL
        ORDER BY task_id FOR UPDATE
    ), fences AS (
        SELECT jsonb_object_agg(task_id, jsonb_build_object(
            'attempt', attempt, 'interrupted', interrupted, 'worker', worker_id)) AS by_task FROM held
    ), begun AS (
        UPDATE task SET status = CASE WHEN form IS NULL THEN 'running' ELSE status END,
            attempt = ((SELECT by_task FROM fences) -> id -> 'attempt')::integer,
            started_at = coalesce(started_at, clock_timestamp())
        WHERE run_id = run AND id = ANY(ARRAY(SELECT task_id FROM held))
          AND status IN ('pending', 'waiting', 'running')
        RETURNING *, leases -> id AS lease, (SELECT by_task FROM fences) -> id AS fence
    )
    SELECT id, run_id, kind, slug, sequence, definition, branch_name, attempt, max_attempts, coalesce(options, '{}'),
           (lease -> 'lease_token')::bigint, (fence -> 'interrupted')::boolean, request_id, traceparent, tracestate,
           refs, CASE WHEN refs IS NOT NULL THEN found_results(run_id, refs) END,
           CASE WHEN attempt <= max_attempts AND form IS NULL THEN jsonb_build_object(
               'id', lease -> 'event_id', 'task', id, 'type', 'task.started', 'request', request_id,
               'trace', traceparent, 'payload', jsonb_build_object(
                   'slug', slug, 'attempt', attempt, 'workerId', fence -> 'worker')) END
    FROM begun ORDER BY sequence;
END $$;

-- The same for tasks of many runs, and it is told. The first task that begins, begins the run. Runs are locked
-- first (as everyone does).
CREATE FUNCTION begin_tasks(leases jsonb) RETURNS SETOF begun_task
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    own record;
    one begun_task;
    told jsonb[];
BEGIN
    FOR own IN SELECT key AS run, value AS leases FROM jsonb_each(begin_tasks.leases) ORDER BY key COLLATE "C" LOOP
        PERFORM FROM run WHERE id = own.run FOR UPDATE;
        told := '{}';
        FOR one IN SELECT * FROM start_tasks(own.run, own.leases) LOOP
            IF one.told IS NOT NULL THEN
                told := told || one.told;
            END IF;
            RETURN NEXT one;
        END LOOP;
        IF told <> '{}' THEN
            PERFORM tell_tasks(own.run, told, 0);
        END IF;
    END LOOP;
END $$;

-- A lease has ended, and its task has not: it waits again, a solo run with it, and the log says why. The run is
-- locked by whoever calls this.
CREATE FUNCTION tell_freed(run text, task text, event_id text, event_type text, about jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    freed record;
BEGIN
    UPDATE task SET status = CASE status WHEN 'running' THEN 'pending' ELSE status END
    WHERE run_id = tell_freed.run AND id = tell_freed.task AND form IS NULL
    RETURNING request_id, traceparent INTO freed;
    IF NOT FOUND THEN
        RETURN;  -- what the engine does itself does not begin either
    END IF;
    WITH numbered AS (
        UPDATE run SET next_seq = next_seq + 1,
            status = CASE WHEN solo AND status = 'running' THEN 'queued' ELSE status END
        WHERE id = tell_freed.run
        RETURNING id, project_id, next_seq - 1 AS seq
    )
    INSERT INTO event (id, project_id, run_id, seq, task_id, type, payload, request_id, trace_id)
    SELECT event_id, project_id, numbered.id, seq, tell_freed.task, event_type, about, freed.request_id,
           substr(freed.traceparent, 4, 32)
    FROM numbered;
END $$;

-- Leases that have run out: the attempt counts, and the task is free again, or expires if it may not be tried
-- again. What is locked is being ended by someone, or will be found by the next look.
CREATE FUNCTION lose_tasks(leases json) RETURNS TABLE (run_id text, kind text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    one record;
    held record;
    met record;
BEGIN
    FOR one IN SELECT * FROM json_to_recordset(leases) AS item (run_id text, task_id text, event_id text) LOOP
        PERFORM FROM run WHERE id = one.run_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT attempt, worker_id, lease_until INTO held FROM ready
        WHERE ready.run_id = one.run_id AND task_id = one.task_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR (held.lease_until < clock_timestamp()) IS NOT TRUE;
        SELECT kind, held.attempt >= max_attempts OR coalesce(options ->> 'replay', 'safe') <> 'safe' AS final
        INTO met FROM task WHERE task.run_id = one.run_id AND id = one.task_id;
        UPDATE ready SET n = DEFAULT, free_since = DEFAULT, lease_until = NULL, worker_id = NULL, interrupted = true,
            run_at = CASE WHEN met.final THEN 'infinity'::timestamptz END,
            expires_at = CASE WHEN met.final THEN clock_timestamp() ELSE end_by END
        WHERE ready.run_id = one.run_id AND task_id = one.task_id;
        PERFORM tell_freed(one.run_id, one.task_id, one.event_id, 'task.lost',
                           jsonb_build_object('attempt', held.attempt, 'workerId', held.worker_id));
        RETURN QUERY SELECT one.run_id, met.kind;
    END LOOP;
END $$;

-- Leases are given back, and with them the attempts; the tasks are free again after so many seconds. What was
-- interrupted and may not be done again expires. One whose attempt has no start in the log leaves no trace there.
CREATE FUNCTION release_tasks(leases json, interrupted boolean, pause_s double precision)
RETURNS TABLE (run_id text, kind text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    one record;
    held record;
    met record;
BEGIN
    FOR one IN
        SELECT * FROM json_to_recordset(leases) AS item (
            run_id text, task_id text, lease_token bigint, event_id text)
        ORDER BY run_id COLLATE "C", task_id COLLATE "C"
    LOOP
        PERFORM FROM run WHERE id = one.run_id FOR UPDATE;
        SELECT attempt, solo, begun, worker_id INTO held FROM ready
        WHERE ready.run_id = one.run_id AND task_id = one.task_id AND lease_token = one.lease_token
          AND worker_id IS NOT NULL FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        SELECT kind, CASE WHEN held.solo THEN held.begun
                          ELSE attempt = held.attempt AND status = 'running' END AS begun,
               release_tasks.interrupted AND coalesce(options ->> 'replay', 'safe') <> 'safe' AS final
        INTO met FROM task WHERE task.run_id = one.run_id AND id = one.task_id;
        UPDATE ready SET n = DEFAULT, free_since = DEFAULT, lease_until = NULL, worker_id = NULL,
            attempt = ready.attempt - CASE WHEN met.final THEN 0 ELSE 1 END,
            interrupted = ready.interrupted OR release_tasks.interrupted,
            expires_at = CASE WHEN met.final THEN clock_timestamp() ELSE end_by END,
            run_at = CASE WHEN met.final THEN 'infinity'
                          WHEN pause_s > 0 THEN clock_timestamp() + make_interval(secs => pause_s) END
        WHERE ready.run_id = one.run_id AND task_id = one.task_id;
        IF met.begun THEN
            PERFORM tell_freed(one.run_id, one.task_id, one.event_id, 'task.released',
                               jsonb_build_object('attempt', held.attempt, 'workerId', held.worker_id));
        END IF;
        RETURN QUERY SELECT one.run_id, met.kind;
    END LOOP;
END $$;

-- A worker takes tasks of a run that have just become free, if they are of its queues and nothing
-- limits them; what it got.
CREATE FUNCTION take_tasks(run text, tasks text[], queues text[], worker text, lease_s double precision)
RETURNS TABLE (task_id text, lease_token bigint)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY UPDATE ready SET attempt = attempt + 1, lease_token = ready.lease_token + 1, worker_id = worker,
        lease_until = clock_timestamp() + make_interval(secs => lease_s),
        expires_at = clock_timestamp() + make_interval(secs => timeout_s)
    WHERE run_id = run AND ready.task_id = ANY(tasks) AND worker_id IS NULL AND run_at IS NULL AND EXISTS (
        SELECT FROM lane JOIN queue ON queue.tenant_id = lane.tenant_id AND queue.name = lane.queue
        WHERE lane.id = ready.lane AND (queues IS NULL OR lane.queue = ANY(queues))
          AND queue.paused_at IS NULL AND NOT queue.limited)
    RETURNING ready.task_id, ready.lease_token;
END $$;

-- Tasks of graphs have succeeded: their results are recorded, their leases end, and what follows them
-- follows. Whoever held the lease of a task goes on with one that follows it, if it may take one
-- (`take_tasks`): so a chain costs one transaction a step. What is not returned was not the worker's any
-- more; what follows is told once for each run.
CREATE FUNCTION finish_tasks(outcomes jsonb, kinds text[], queues text[], worker text, lease_s double precision)
RETURNS TABLE (run_id text, task_id text, open_tasks integer, limited boolean, freed_kinds text[], opened text[],
               next jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    own record;
    met record;
    told jsonb[];
    started jsonb[];
    ended text[];
    places boolean[];
    goes_on text[];
    free text[];
    taken jsonb;
BEGIN
    FOR own IN
        SELECT key AS run, value AS outcomes FROM jsonb_each(finish_tasks.outcomes) ORDER BY key COLLATE "C"
    LOOP
        PERFORM FROM run WHERE run.id = own.run FOR UPDATE;
        WITH released AS (
            DELETE FROM ready
            WHERE ready.run_id = own.run AND ready.task_id = ANY(ARRAY(SELECT jsonb_object_keys(own.outcomes)))
              AND lease_token = (own.outcomes -> ready.task_id -> 'lease_token')::bigint AND worker_id IS NOT NULL
            RETURNING ready.task_id, ready.limited OR concurrency_key IS NOT NULL AS place
        ), done AS (
            UPDATE task SET status = 'succeeded', error = NULL, completed_at = clock_timestamp(),
                result = nullif(own.outcomes -> id -> 'result', 'null')
            WHERE task.run_id = own.run AND id = ANY(ARRAY(SELECT released.task_id FROM released))
              AND status IN ('running', 'waiting')
            RETURNING id, request_id, traceparent, own.outcomes -> id AS outcome
        ), listed AS (
            SELECT id, outcome ->> 'next_event_id' AS next_event_id, (outcome -> 'n')::integer AS n,
                   id = ANY(ARRAY(SELECT released.task_id FROM released WHERE place)) AS place,
                   jsonb_build_object(
                       'id', outcome -> 'event_id', 'task', id, 'type', 'task.completed', 'request', request_id,
                       'trace', traceparent, 'payload', '{"status": "succeeded"}'::jsonb) AS said
            FROM done
        )
        SELECT array_agg(id ORDER BY n), array_agg(place ORDER BY n), array_agg(said ORDER BY n),
               coalesce(array_agg(next_event_id ORDER BY n) FILTER (WHERE next_event_id IS NOT NULL), '{}')
        FROM listed INTO ended, places, told, goes_on;
        CONTINUE WHEN ended IS NULL;
        free := '{}'; freed_kinds := '{}'; opened := '{}'; taken := '{}'; next := NULL;
        FOR met IN
            SELECT * FROM settle_tasks(own.run, ended, array_fill(true, ARRAY[cardinality(ended)]))
        LOOP
            IF met.became = 'opened' THEN
                opened := opened || met.id;
            ELSIF cardinality(free) < cardinality(goes_on) AND met.kind = ANY(kinds) THEN
                free := free || met.id;
            ELSIF met.kind <> ALL(freed_kinds) THEN
                freed_kinds := freed_kinds || met.kind;
            END IF;
        END LOOP;
        IF free <> '{}' THEN
            SELECT coalesce(jsonb_object_agg(task_id, jsonb_build_object(
                'lease_token', lease_token, 'event_id', goes_on[place])), '{}')
            FROM take_tasks(own.run, free, queues, worker, lease_s) WITH ORDINALITY AS got (task_id, lease_token, place)
            INTO taken;
            SELECT jsonb_agg(to_jsonb(begun) - 'told' || '{"solo": false}'), array_remove(array_agg(begun.told), NULL)
            FROM start_tasks(own.run, taken) AS begun INTO next, started;
            told := told || started;
            freed_kinds := freed_kinds || ARRAY(
                SELECT DISTINCT kind FROM task WHERE task.run_id = own.run AND id = ANY(free) AND NOT taken ? id);
        END IF;
        open_tasks := tell_tasks(own.run, told, cardinality(ended));  -- no success has others skipped
        run_id := own.run;
        FOR place IN 1..cardinality(ended) LOOP
            task_id := ended[place];
            limited := places[place];
            RETURN NEXT;
            freed_kinds := NULL; opened := NULL; next := NULL;
        END LOOP;
    END LOOP;
END $$;

-- Tasks of a run that the engine itself ends; whoever worked on one loses the lease.
CREATE FUNCTION end_tasks(run text, ends jsonb) RETURNS TABLE (id text, child_id text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH released AS (
        DELETE FROM ready WHERE run_id = run AND task_id = ANY(ARRAY(SELECT jsonb_object_keys(ends)))
    )
    UPDATE task SET status = ends -> task.id ->> 'status', error = nullif(ends -> task.id -> 'error', 'null'),
        result = coalesce(nullif(ends -> task.id -> 'result', 'null'), result), completed_at = clock_timestamp()
    WHERE run_id = run AND task.id = ANY(ARRAY(SELECT jsonb_object_keys(ends)))
      AND status IN ('pending', 'waiting', 'running')
    RETURNING task.id, task.child_id;
END $$;

-- How many tasks of a queue stand where, each counted up to so many.
CREATE FUNCTION queue_counts(asked queue, most integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'ready', (SELECT count(*) FROM (
            SELECT FROM lane JOIN ready ON ready.lane = lane.id
            WHERE lane.tenant_id = asked.tenant_id AND lane.queue = asked.name
              AND lease_until IS NULL AND run_at IS NULL LIMIT most) AS first),
        'delayed', (SELECT count(*) FROM (
            SELECT FROM lane JOIN ready ON ready.lane = lane.id
            WHERE lane.tenant_id = asked.tenant_id AND lane.queue = asked.name AND run_at < 'infinity'
            LIMIT most) AS first),
        'running', (SELECT count(*) FROM (
            SELECT FROM lane JOIN ready ON ready.lane = lane.id
            WHERE lane.tenant_id = asked.tenant_id AND lane.queue = asked.name AND lease_until IS NOT NULL
            LIMIT most) AS first),
        'parked', (SELECT count(*) FROM (
            SELECT FROM lane JOIN ready ON ready.lane = lane.id
            WHERE lane.tenant_id = asked.tenant_id AND lane.queue = asked.name AND run_at = 'infinity'
            LIMIT most) AS first),
        'failed', (SELECT count(*) FROM (
            SELECT FROM dead_letter
            WHERE dead_letter.tenant_id = asked.tenant_id AND dead_letter.queue = asked.name LIMIT most) AS first))
$$;

-- Since when the first of a queue's free tasks has been free.
CREATE FUNCTION oldest_ready(asked queue) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(first.free_since) FROM lane CROSS JOIN LATERAL (
        SELECT free_since FROM ready
        WHERE ready.lane = lane.id AND lease_until IS NULL AND run_at IS NULL ORDER BY n LIMIT 1
    ) AS first
    WHERE lane.tenant_id = asked.tenant_id AND lane.queue = asked.name
$$;

-- The partitions of jobs, from this week for so many weeks ahead, are there; those whose jobs were
-- created more than so many days ago and have all ended, are gone. A TypeID begins with its time in
-- milliseconds, as ten digits of base 32.
CREATE FUNCTION job_id_at(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'job_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        ((floor(extract(epoch FROM at) * 1000)::bigint >> (5 * place)) & 31)::integer + 1, 1), '' ORDER BY place DESC)
    FROM generate_series(0, 9) AS place
$$;

CREATE FUNCTION is_over(week timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM run WHERE id >= job_id_at(week) AND id < job_id_at(week + interval '7 days')
                       AND completed_at IS NULL)
$$;

-- It works as the owner of the tables, to whom no policy of a partition gives a row, and those of `run` give
-- only what it inherits from the machinery: whoever does not, cannot know what is over, and drops nothing.
CREATE FUNCTION keep_weeks(ahead integer, days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    monday timestamptz := date_trunc('week', now());
    parent text;
    part text;
    old timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7248301956);
    FOR week IN 0..ahead LOOP
        FOREACH parent IN ARRAY ARRAY['run', 'task', 'event', 'job_log', 'dead_letter'] LOOP
            part := parent || to_char(monday + week * interval '7 days', '_IYYY"w"IW');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) WITH (fillfactor = %s,
                autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)', part, parent,
                job_id_at(monday + week * interval '7 days'), job_id_at(monday + (week + 1) * interval '7 days'),
                CASE WHEN parent IN ('event', 'job_log') THEN 100 ELSE 60 END);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
        END LOOP;
    END LOOP;
    FOR part, old IN
        SELECT week, to_timestamp(week, 'IYYY"w"IW')
        FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid, right(relname, 7) AS week
        WHERE inhparent = 'run'::regclass AND relname ~ '^run_[0-9]{4}w[0-9]{2}$'
          AND pg_has_role('prazium_system', 'USAGE')
    LOOP
        CONTINUE WHEN old + interval '7 days' >= now() - make_interval(days => days) OR NOT is_over(old);
        EXECUTE format('LOCK TABLE %I', 'run_' || part);  -- a job of it may just have been queued again
        CONTINUE WHEN NOT is_over(old);
        EXECUTE format('DROP TABLE %I, %I, %I, %I, %I',
            'dead_letter_' || part, 'job_log_' || part, 'event_' || part, 'task_' || part, 'run_' || part);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION keep_weeks(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_weeks(integer, integer) TO prazium_system;
SELECT keep_weeks(4, 36500);
