-- What the solver was asked about a draft and what it answered: nothing of the plan until somebody accepts it.
--
-- Whoever works it out says so by the heartbeat, from whatever host; whoever cancels changes the state, which the
-- heartbeat finds. One of an actor is open in a plan at a time: asking again sets the older one aside.
CREATE TABLE plan_proposal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL,
    area_code text NOT NULL,
    revision integer NOT NULL,                      -- of the plan, that it is based on
    actor text NOT NULL DEFAULT access.actor(),
    asked jsonb NOT NULL,
    state text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'accepted', 'dropped')),
    stage text NOT NULL DEFAULT 'proposals.waiting',
    done integer NOT NULL DEFAULT 0,
    total integer,
    answer jsonb,
    problem jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (plan_id, area_code) REFERENCES plan (id, area_code) ON DELETE CASCADE,
    CHECK (state NOT IN ('done', 'accepted') OR answer IS NOT NULL),
    CHECK ((state = 'failed') = (problem IS NOT NULL))
);
CREATE UNIQUE INDEX plan_proposal_one_open ON plan_proposal (plan_id, actor) WHERE state IN ('running', 'done');
CREATE INDEX plan_proposal_plan_id ON plan_proposal (plan_id, changed_at);
CREATE INDEX plan_proposal_area_code ON plan_proposal (area_code);

-- Read by whoever may read the plan; written in the writer's own name.
ALTER TABLE plan_proposal ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON plan_proposal TO geo_service_app;
GRANT UPDATE (state, stage, done, total, answer, problem, changed_at, heartbeat) ON plan_proposal TO geo_service_app;
CREATE POLICY reader ON plan_proposal FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON plan_proposal FOR INSERT WITH CHECK (
    (SELECT access.is_writer()) AND actor = (SELECT access.actor())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON plan_proposal FOR UPDATE USING (
    (SELECT access.is_writer()) AND actor = (SELECT access.actor())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_delete ON plan_proposal FOR DELETE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));

-- The trail says what was asked and what became of it: neither heartbeats nor answers, which may be long and change
-- nothing. What is accepted is in the trail as an edit.
CREATE FUNCTION access.audit_proposals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', 'plan_proposal', n.id::text,
           to_jsonb(n) - 'answer'
    FROM new_rows n;
    RETURN NULL;
END $$;
CREATE FUNCTION access.audit_proposal_states() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'update', 'plan_proposal', n.id::text,
           jsonb_build_object('state', o.state),
           jsonb_build_object('state', n.state, 'problem', n.problem ->> 'key')
    FROM old_rows o JOIN new_rows n ON n.id = o.id
    WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE FUNCTION access.audit_proposals_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'delete', 'plan_proposal', o.id::text,
           to_jsonb(o) - 'answer'
    FROM old_rows o;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_insert AFTER INSERT ON plan_proposal REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_proposals();
CREATE TRIGGER audit_update AFTER UPDATE ON plan_proposal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_proposal_states();
CREATE TRIGGER audit_delete AFTER DELETE ON plan_proposal REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_proposals_gone();
REVOKE EXECUTE ON FUNCTION access.audit_proposals(), access.audit_proposal_states(), access.audit_proposals_gone()
    FROM public;
