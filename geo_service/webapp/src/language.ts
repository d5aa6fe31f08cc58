/** Chinese first, English second; the choice is remembered and may come with the address. */
import { computed, type ComputedRef } from "vue";
import { createI18n, useI18n } from "vue-i18n";

import { type Bilingual, setAnswerLanguage, type Titled } from "./api";
import en from "./messages/en.json";
import zh from "./messages/zh.json";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORAGE_KEY = "geo-service.language";
const HTML_LANGUAGE: Record<Language, string> = { zh: "zh-CN", en: "en" };

function isLanguage(text: string | null): text is Language {
  return text === "zh" || text === "en";
}

function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (isLanguage(asked)) return asked;
  const remembered = localStorage.getItem(STORAGE_KEY);
  return isLanguage(remembered) ? remembered : "zh";
}

type Messages = typeof zh;

export const i18n = createI18n<[Messages], Language, false>({
  legacy: false,
  locale: initialLanguage(),
  fallbackLocale: "zh",
  messages: { zh, en },
});

let titleKey = "page.title";

/** Call this page by the sentence `key`, in whatever language it speaks. */
export function entitle(key: string): void {
  titleKey = key;
  document.title = i18n.global.t(key);
}

/** Speak `language` from now on: this page, its title, and the service's answers. */
export function speak(language: Language): void {
  i18n.global.locale.value = language;
  localStorage.setItem(STORAGE_KEY, language);
  document.documentElement.lang = HTML_LANGUAGE[language];
  document.title = i18n.global.t(titleKey);
  setAnswerLanguage(language);
}

export interface Speech {
  t: (key: string, values?: Record<string, unknown>) => string;
  /** Whether a sentence of that key exists. */
  has: (key: string) => boolean;
  language: ComputedRef<Language>;
  /** Of a text in both languages, the one to read. */
  pick: (text: Bilingual) => string;
  titleOf: (part: Pick<Titled, "title_zh" | "title_en">) => string;
  messageOf: (told: { message_zh: string; message_en: string }) => string;
  count: (value: number) => string;
  /** A number with all its hundredths. */
  exact: (value: number) => string;
  /** A number with so many decimals, as others in its column. */
  decimals: (value: number, digits: number) => string;
  /** Exact counts as a percentage with two decimals. */
  percent: (numerator: number, denominator: number) => string;
  /** What a milestone asks for: a share, or else a number. */
  goal: (milestone: { threshold: number | null; count: number | null }) => string;
  /** A date and a time of day. */
  moment: (value: Date) => string;
  /** Metres as kilometres with two decimals. */
  kilometres: (metres: number) => string;
  /** A number with one decimal, rounded up: "at most" stays true. */
  upTo: (value: number) => string;
  compare: (one: string, other: string) => number;
}

const COMPARE = new Intl.Collator("zh-CN", { numeric: true }).compare;
const formats = new Map<string, Intl.NumberFormat>();

/** A format of its own for every number would take most of the time of a table. */
function formatted(value: number, tag: string, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify([tag, options]);
  const known = formats.get(key) ?? new Intl.NumberFormat(tag, options);
  formats.set(key, known);
  return known.format(value);
}

/** Texts, numbers and order in the language of the page. */
export function useSpeech(): Speech {
  const { t, te, locale } = useI18n();
  const language = computed(() => locale.value as Language);
  const tag = computed(() => HTML_LANGUAGE[language.value]);
  const decimals = (value: number, digits: number): string =>
    formatted(value, tag.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return {
    t: (key, values = {}) => t(key, values),
    has: (key) => te(key),
    language,
    pick: (text) => text[language.value],
    titleOf: (part) => part[`title_${language.value}`],
    messageOf: (told) => told[`message_${language.value}`],
    count: (value) => formatted(value, tag.value, { maximumFractionDigits: 0 }),
    decimals,
    exact: (value) => formatted(value, tag.value, { maximumFractionDigits: 2 }),
    percent: (numerator, denominator) =>
      denominator === 0
        ? t("coverage.nothingCounted")
        : formatted(numerator / denominator, tag.value, { style: "percent", minimumFractionDigits: 2 }),
    goal: ({ threshold, count }) =>
      threshold === null
        ? formatted(count ?? 0, tag.value, { maximumFractionDigits: 0 })
        : formatted(threshold, tag.value, { style: "percent", maximumFractionDigits: 2 }),
    moment: (value) => value.toLocaleString(tag.value, { dateStyle: "medium", timeStyle: "short" }),
    kilometres: (metres) => decimals(metres / 1000, 2),
    upTo: (value) => decimals(Math.ceil(value * 10) / 10, 1),
    compare: COMPARE,
  };
}
