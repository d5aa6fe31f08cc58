-- A plan that has another name from now on is a step of its history, but none that undo is about.
ALTER TABLE plan_edit DROP CONSTRAINT plan_edit_kind_check;
ALTER TABLE plan_edit ADD CONSTRAINT plan_edit_kind_check CHECK (kind IN (
    'assign', 'assign_within', 'new_zone', 'new_zone_within', 'merge', 'split_by_line', 'split', 'rename', 'lock',
    'unlock', 'delete', 'accept', 'undo', 'redo', 'appoint', 'hand_in', 'reopen', 'publish', 'rename_plan'));
ALTER TABLE plan_edit DROP CONSTRAINT plan_edit_check2;
ALTER TABLE plan_edit ADD CONSTRAINT plan_edit_undoable CHECK (
    (kind IN ('appoint', 'hand_in', 'reopen', 'publish', 'rename_plan')) = (inverse IS NULL));
