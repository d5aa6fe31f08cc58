-- A proposal that is accepted is one edit, of several communities perhaps: its inverse then holds one of the usual
-- form for each of them, under "communities", and community_code is null.
ALTER TABLE plan_edit DROP CONSTRAINT plan_edit_kind_check;
ALTER TABLE plan_edit ADD CONSTRAINT plan_edit_kind_check CHECK (kind IN (
    'assign', 'assign_within', 'new_zone', 'new_zone_within', 'merge', 'split_by_line', 'split', 'rename', 'lock',
    'unlock', 'delete', 'accept', 'undo', 'redo', 'appoint', 'hand_in', 'reopen', 'publish'));
