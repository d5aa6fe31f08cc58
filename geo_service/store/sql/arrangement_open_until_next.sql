-- From a day on, until whatever is recorded to begin later.
INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded, is_gov_fallback)
SELECT :unit_kind, :unit_code, :community_code, :form, :step,
       daterange(:starts, (SELECT min(lower(later.valid)) FROM arrangement later
                           WHERE later.unit_kind = :unit_kind AND later.unit_code = :unit_code
                             AND upper_inf(later.recorded) AND lower(later.valid) > :starts)),
       tstzrange(clock_timestamp(), NULL), :is_gov_fallback
