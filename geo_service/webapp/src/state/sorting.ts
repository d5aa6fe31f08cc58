import { computed, type ComputedRef, ref } from "vue";

export type Order = "ascending" | "descending";

export interface Sorting<Row, Key extends string> {
  sorted: ComputedRef<Row[]>;
  /** How a column is sorted; undefined for the others. */
  orderOf: (key: Key) => Order | undefined;
  /** Sort by a column; once more turns it round. */
  sortBy: (key: Key) => void;
}

/** By a number, or by nothing, which comes last either way. */
export function byNumber<Row>(value: (row: Row) => number | null): (one: Row, other: Row, turn: 1 | -1) => number {
  return (one, other, turn) => {
    const [left, right] = [value(one), value(other)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return turn * (left - right);
  };
}

/** Rows in the order that the reader asks for; equal rows keep the order they come in. */
export function useSorting<Row, Key extends string>(
  rows: () => readonly Row[],
  columns: Record<Key, (one: Row, other: Row, turn: 1 | -1) => number>,
  first: Key,
): Sorting<Row, Key> {
  const by = ref<string>(first);
  const order = ref<Order>("ascending");

  const sorted = computed(() => {
    const compare = columns[by.value as Key];
    const turn = order.value === "ascending" ? 1 : -1;
    return [...rows()].sort((one, other) => compare(one, other, turn));
  });

  function sortBy(key: Key): void {
    order.value = by.value === key && order.value === "ascending" ? "descending" : "ascending";
    by.value = key;
  }

  return { sorted, orderOf: (key) => (by.value === key ? order.value : undefined), sortBy };
}
