SELECT (SELECT count(*) FROM compound c JOIN area a ON a.code = c.community_code
        WHERE a.lineage @> ARRAY[:area]) AS compounds,
       (SELECT count(*) FROM building b JOIN area a ON a.code = b.community_code
        WHERE b.is_standalone AND a.lineage @> ARRAY[:area]) AS standalone_buildings
