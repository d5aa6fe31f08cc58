/** The open plan as the map shows it. */
import { computed, shallowRef, watch } from "vue";

import { useProposal } from "./proposal";
import { pictureOf } from "./proposalPicture";
import { useWorkbench } from "./workbench";
import { colourZones, type ColouredZone, NO_ZONE_COLOUR } from "./zoneColours";

export function useBoardPicture() {
  const workbench = useWorkbench();
  const proposal = useProposal();
  const coloured = shallowRef<ReadonlyMap<string, ColouredZone>>(new Map());
  const zones = computed(() => [...workbench.zones.values()]);

  watch(zones, (all) => (coloured.value = colourZones(all, coloured.value)), { immediate: true });

  function colourOf(zone: string | null): string {
    return (zone === null ? undefined : coloured.value.get(zone)?.colour) ?? NO_ZONE_COLOUR;
  }

  // Apart from the rest: a selection or a choice need not look at every building's zone again.
  const colours = computed(() => workbench.zoneOf.map(colourOf));

  const proposed = computed(() =>
    workbench.board && proposal.report ? pictureOf(proposal.report, workbench.board, coloured.value) : null,
  );

  const picture = computed(() =>
    workbench.board === null
      ? null
      : {
          points: workbench.board.buildings,
          colours: colours.value,
          selected: workbench.selected,
          zones: zones.value.map(({ code, name, geometry }) => ({
            code,
            name: name || code,
            geometry,
            colour: colourOf(code),
            chosen: code === workbench.chosenZone,
          })),
          proposal: proposed.value,
        },
  );

  return { zones, colourOf, picture };
}
