UPDATE unit_record r SET recorded = tstzrange(lower(r.recorded), now())
FROM record_difference d WHERE r.id = d.closes
