-- A profile as it was adopted: never changed, only followed by a later version, so that every figure can name
-- the document it was computed with.
CREATE TABLE policy_profile (
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    version integer NOT NULL CHECK (version >= 1),
    document text NOT NULL,
    sha256 text NOT NULL,
    adopted_by text NOT NULL,
    adopted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, version)
);

-- What somebody decided against a profile's recommendation, and why; withdrawn, it stays as history.
CREATE TABLE form_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    profile_key text NOT NULL,
    form text NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    decided_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT form_decision_one_at_a_time
        EXCLUDE USING gist (unit_kind WITH =, unit_code WITH =, profile_key WITH =, recorded WITH &&)
);
CREATE INDEX form_decision_community_code ON form_decision (community_code);

-- Figures as they were told: a bulletin is never changed. A correction is a bulletin of its own that names it.
CREATE TABLE bulletin (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('monthly_ranking')),
    area_code text NOT NULL REFERENCES area (code),
    period date NOT NULL,
    cut_off date NOT NULL,
    profile_key text NOT NULL,
    profile_version integer NOT NULL,
    figures jsonb NOT NULL,
    content_sha256 text NOT NULL,
    corrects bigint REFERENCES bulletin (id),
    reason text CHECK ((corrects IS NULL) = (reason IS NULL)),
    objections_until date NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX bulletin_once_a_period ON bulletin (kind, area_code, period) WHERE corrects IS NULL;
CREATE INDEX bulletin_corrects ON bulletin (corrects);

-- Marks a unit was given in a round, and the score they make; marked anew, the earlier sheet stays as history.
CREATE TABLE evaluation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    profile_key text NOT NULL,
    profile_version integer NOT NULL,
    round text NOT NULL,
    marks jsonb NOT NULL,
    left_out text[] NOT NULL,
    total numeric NOT NULL,
    passes boolean NOT NULL,
    evaluated_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT evaluation_one_at_a_time
        EXCLUDE USING gist (unit_kind WITH =, unit_code WITH =, profile_key WITH =, round WITH =, recorded WITH &&)
);
CREATE INDEX evaluation_community_code ON evaluation (community_code);
