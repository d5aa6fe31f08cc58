/** Keys of the workbench: one each for its tools and for what is done with the selected buildings. */
export const WORK_TOOLS = { pick: "v", lasso: "l", brush: "b", line: "s", outline: "d", reshape: "r" } as const;

export type WorkTool = keyof typeof WORK_TOOLS;

export type WorkKey =
  | { does: "tool"; tool: WorkTool }
  | { does: "undo" | "redo" | "escape" | "accept" | "help" | "assign" | "found" | "takeOut" | "lock" }
  | { does: "brush"; larger: boolean };

const PLAIN: Record<string, WorkKey> = {
  escape: { does: "escape" },
  enter: { does: "accept" },
  "?": { does: "help" },
  "[": { does: "brush", larger: false },
  "]": { does: "brush", larger: true },
  a: { does: "assign" },
  n: { does: "found" },
  x: { does: "takeOut" },
  k: { does: "lock" },
  ...Object.fromEntries(
    Object.entries(WORK_TOOLS).map(([tool, key]) => [key, { does: "tool", tool: tool as WorkTool } as const]),
  ),
};

/** What a key press asks for, if anything; keys pressed in a field or a dialog belong to it. */
export function meaningOf(event: KeyboardEvent): WorkKey | null {
  const target = event.target as HTMLElement;
  if (event.altKey || target.closest("input, select, textarea, dialog, [role=dialog]")) return null;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "z") return { does: event.shiftKey ? "redo" : "undo" };
    return key === "y" ? { does: "redo" } : null;
  }
  // Enter on a button presses the button.
  if (key === "enter" && target.closest("button, a, canvas, summary")) return null;
  return PLAIN[key] ?? null;
}
