/** A map that can wait with drawing: what comes in pieces is drawn once, when all of it is there. */
import { Map as MapLibreMap } from "maplibre-gl";

/** Nobody is kept waiting for longer, whatever does not come. */
const PATIENCE_MS = 400;

export class PatientMap extends MapLibreMap {
  private waiting = 0;

  override triggerRepaint(): void {
    if (!this.waiting) super.triggerRepaint();
  }

  /** Draw nothing more until `drawAgain`, unless somebody moves the map. */
  wait(): void {
    if (this.waiting || this.isMoving()) return;
    this.waiting = window.setTimeout(() => this.drawAgain(), PATIENCE_MS);
  }

  drawAgain(): void {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.triggerRepaint();
  }

  /** The tiles of a source are there as they are to be now, or it has taken too long. */
  loadedAgain(source: string): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.off("sourcedata", look);
        clearTimeout(patience);
        resolve();
      };
      const look = (): void => {
        if (this.isSourceLoaded(source)) end();
      };
      const patience = window.setTimeout(end, PATIENCE_MS);
      this.on("sourcedata", look);
      look();
    });
  }
}
