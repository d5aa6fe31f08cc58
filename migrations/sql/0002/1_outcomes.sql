-- What the engine found of a zone, beside its buildings. Null in plans drawn before this revision.
ALTER TABLE zone
    ADD COLUMN load integer CHECK (load >= 0),                      -- in the units of the plan's limits
    ADD COLUMN distance_m double precision CHECK (distance_m >= 0), -- weighted, to the zone's centre
    ADD COLUMN patrol_m double precision CHECK (patrol_m >= 0),     -- the closed walk over its buildings
    ADD COLUMN compactness double precision CHECK (compactness BETWEEN 0 AND 1), -- 4 pi area / perimeter^2
    ADD COLUMN explanation jsonb;

-- The place of a building in the walk, from 1. The key's index also finds the members of a zone.
ALTER TABLE zone_member
    ADD COLUMN visit_order integer CHECK (visit_order >= 1),
    ADD UNIQUE (zone_id, visit_order) DEFERRABLE;
DROP INDEX zone_member_zone_id;

-- One row a community of a plan: its zones in figures with the proof of how good they are, or why there are none.
CREATE TABLE plan_outcome (
    plan_id bigint NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    community_code text NOT NULL REFERENCES area (code),
    zones integer NOT NULL CHECK (zones >= 0),
    distance_m double precision CHECK (distance_m >= 0),
    patrol_m double precision CHECK (patrol_m >= 0),
    imbalance double precision CHECK (imbalance >= 0),
    border_pairs integer CHECK (border_pairs >= 0),
    objective_m double precision CHECK (objective_m >= 0),
    lower_bound_m double precision CHECK (lower_bound_m >= 0),
    gap_percent double precision GENERATED ALWAYS AS (
        CASE WHEN objective_m <= lower_bound_m THEN 0
             WHEN lower_bound_m > 0 THEN 100 * (objective_m - lower_bound_m) / lower_bound_m END) STORED,
    infeasible jsonb,
    PRIMARY KEY (plan_id, community_code),
    CHECK ((zones = 0) = (infeasible IS NOT NULL))
);
CREATE INDEX plan_outcome_community_code ON plan_outcome (community_code);

-- Plans drawn before: how many zones each community got, and the reasons kept in the plan's findings.
INSERT INTO plan_outcome (plan_id, community_code, zones)
SELECT plan_id, community_code, count(*) FROM zone GROUP BY plan_id, community_code;

INSERT INTO plan_outcome (plan_id, community_code, zones, infeasible)
SELECT DISTINCT ON (p.id, a.code) p.id, a.code, 0, entry.reason
FROM plan p
CROSS JOIN LATERAL jsonb_array_elements(p.findings -> 'infeasible') AS entry (reason)
JOIN area a ON a.code = entry.reason ->> 'area_code'
WHERE jsonb_typeof(p.findings -> 'infeasible') = 'array'
ON CONFLICT DO NOTHING;
