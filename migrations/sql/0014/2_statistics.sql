-- Until its statistics are renewed, the planner takes a plan that has just been drawn for one of a single zone and
-- member, and reads all it has to find one. SECURITY DEFINER: only who owns the tables may renew them.
CREATE FUNCTION access.analyze_zones() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NOT access.is_writer() THEN
        RAISE EXCEPTION 'analyze_zones is for those who write' USING ERRCODE = '42501';
    END IF;
    ANALYZE zone, zone_member;
END $$;
