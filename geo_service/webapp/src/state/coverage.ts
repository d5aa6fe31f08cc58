import { defineStore } from "pinia";

import { measureCoverage } from "../api";
import { useAsked } from "./asked";
import { useRemote } from "./remote";

/** The coverage of the chosen area on the chosen date. */
export const useCoverage = defineStore("coverage", () => useRemote(useAsked(), measureCoverage));
