/** A page put on the screen. */
import "./elements";
import "./style.css";

import { createPinia } from "pinia";
import { type Component, createApp } from "vue";

import { adoptTokenFromAddress } from "./api";
import App from "./App.vue";
import { i18n, type Language, speak } from "./language";

export function start(page: Component, given: Record<string, string>): void {
  adoptTokenFromAddress();
  speak(i18n.global.locale.value as Language);
  createApp(App, { page, given }).use(createPinia()).use(i18n).mount("#app");
}
