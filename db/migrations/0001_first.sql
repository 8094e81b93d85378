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

CREATE TABLE tenant (
    id          text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    tier        text NOT NULL DEFAULT 'free',
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

CREATE TABLE run (
    tenant_id     text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true) REFERENCES tenant,
    id            text COLLATE "C" NOT NULL,
    kind          text NOT NULL,
    project_id    text COLLATE "C",
    number        integer,
    status        text NOT NULL,
    trigger       text NOT NULL,
    agent         text NOT NULL,
    retry_of      text COLLATE "C",
    spec_version  integer,
    input         jsonb NOT NULL DEFAULT '{}',
    plan          jsonb,
    output        jsonb,
    error         jsonb,
    request_id    text DEFAULT nullif(current_setting('prazium.request', true), ''),
    trace_id      text DEFAULT nullif(substr(current_setting('prazium.traceparent', true), 4, 32), ''),
    next_seq      bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    completed_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project,
    FOREIGN KEY (tenant_id, project_id, spec_version) REFERENCES spec,
    CONSTRAINT run_number_key UNIQUE (tenant_id, project_id, number),
    CONSTRAINT run_status_check CHECK (status IN (
        'decomposing', 'executing', 'merging', 'verifying', 'succeeded', 'failed', 'cancelled'))
);
CREATE UNIQUE INDEX run_live_key ON run (tenant_id, project_id)
    WHERE kind = 'build' AND status IN ('decomposing', 'executing', 'merging', 'verifying');

CREATE TABLE task (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id             text COLLATE "C" NOT NULL,
    run_id         text COLLATE "C" NOT NULL,
    kind           text NOT NULL,
    slug           text NOT NULL,
    sequence       integer NOT NULL,
    status         text NOT NULL DEFAULT 'pending',
    definition     jsonb NOT NULL,
    branch_name    text,
    worktree_path  text,
    unmet          integer NOT NULL DEFAULT 0,
    priority       integer NOT NULL DEFAULT 0,
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
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES run,
    CONSTRAINT task_slug_key UNIQUE (tenant_id, run_id, slug),
    CONSTRAINT task_sequence_key UNIQUE (tenant_id, run_id, sequence),
    CONSTRAINT task_unmet_check CHECK (unmet >= 0),
    CONSTRAINT task_status_check CHECK (status IN (
        'pending', 'running', 'succeeded', 'failed', 'cancelled'))
);

CREATE TABLE task_dependency (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    task_id     text COLLATE "C" NOT NULL,
    depends_on  text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, task_id, depends_on),
    FOREIGN KEY (tenant_id, task_id) REFERENCES task,
    FOREIGN KEY (tenant_id, depends_on) REFERENCES task
);
CREATE INDEX task_dependency_depends_on ON task_dependency (tenant_id, depends_on);

-- What can be worked on now or soon, and who holds it; small, so that claiming is cheap.
CREATE TABLE ready (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    task_id      text COLLATE "C" NOT NULL,
    run_id       text COLLATE "C" NOT NULL,
    n            bigint GENERATED ALWAYS AS IDENTITY,
    priority     integer NOT NULL DEFAULT 0,
    run_at       timestamptz NOT NULL DEFAULT now(),
    attempt      integer NOT NULL DEFAULT 0,
    lease_token  bigint NOT NULL DEFAULT 0,
    lease_until  timestamptz,
    worker_id    text,
    PRIMARY KEY (tenant_id, task_id),
    FOREIGN KEY (tenant_id, task_id) REFERENCES task
) WITH (fillfactor = 70);
CREATE INDEX ready_free ON ready (priority DESC, n) WHERE lease_until IS NULL;
CREATE INDEX ready_leased ON ready (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ready_run ON ready (tenant_id, run_id);

CREATE TABLE event (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT current_setting('prazium.tenant', true),
    id          text COLLATE "C" NOT NULL,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    project_id  text COLLATE "C",
    run_id      text COLLATE "C",
    seq         bigint,
    task_id     text COLLATE "C",
    type        text NOT NULL,
    payload     jsonb NOT NULL,
    request_id  text DEFAULT nullif(current_setting('prazium.request', true), ''),
    trace_id    text DEFAULT nullif(substr(current_setting('prazium.traceparent', true), 4, 32), ''),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project,
    FOREIGN KEY (tenant_id, run_id) REFERENCES run,
    CONSTRAINT event_seq_key UNIQUE (tenant_id, run_id, seq),
    CONSTRAINT event_seq_check CHECK ((run_id IS NULL) = (seq IS NULL))
);
CREATE INDEX event_feed ON event (tenant_id, xid, id);

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
    FOREIGN KEY (tenant_id, run_id) REFERENCES run,
    CONSTRAINT export_format_check CHECK (format IN ('zip', 'tar.gz')),
    CONSTRAINT export_status_check CHECK (status IN ('processing', 'completed', 'failed', 'expired'))
);
CREATE INDEX export_project ON export (tenant_id, project_id, id);
CREATE INDEX export_expiry ON export (expires_at) WHERE status = 'completed';

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

CREATE TABLE worker (
    id          text COLLATE "C" PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now()
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
CREATE POLICY own_tenant ON ready TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON event TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON export TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));
CREATE POLICY own_tenant ON idempotency_key TO prazium_app
    USING (tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), '')));

-- The machinery sees all rows of what it is granted.
CREATE POLICY machinery ON tenant TO prazium_system USING (true);
CREATE POLICY machinery ON api_key TO prazium_system USING (true);
CREATE POLICY machinery ON project TO prazium_system USING (true);
CREATE POLICY machinery ON run TO prazium_system USING (true);
CREATE POLICY machinery ON task TO prazium_system USING (true);
CREATE POLICY machinery ON ready TO prazium_system USING (true);
CREATE POLICY machinery ON export TO prazium_system USING (true);
CREATE POLICY machinery ON idempotency_key TO prazium_system USING (true);
CREATE POLICY machinery ON worker TO prazium_system USING (true);

ALTER TABLE tenant          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_key         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE project         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE spec            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run             ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE task            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE task_dependency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ready           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE event           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE export          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE worker          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON tenant TO prazium_app;
GRANT SELECT (tenant_id, id, expires_at, revoked_at) ON api_key TO prazium_app;
GRANT SELECT, INSERT, UPDATE ON project, spec, run, task, export TO prazium_app;
GRANT SELECT, INSERT ON task_dependency, event TO prazium_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ready, idempotency_key TO prazium_app;

GRANT SELECT, INSERT ON tenant TO prazium_system;
GRANT SELECT, INSERT, UPDATE ON api_key TO prazium_system;
GRANT SELECT (tenant_id, id, status) ON project TO prazium_system;
GRANT SELECT (tenant_id, id, project_id, kind, status) ON run TO prazium_system;
GRANT SELECT (tenant_id, id, run_id, kind, status, worktree_path, request_id, traceparent, tracestate)
    ON task TO prazium_system;
GRANT SELECT (tenant_id, id, status, expires_at) ON export TO prazium_system;
GRANT SELECT (expires_at), DELETE ON idempotency_key TO prazium_system;
GRANT SELECT, UPDATE ON ready TO prazium_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker TO prazium_system;
