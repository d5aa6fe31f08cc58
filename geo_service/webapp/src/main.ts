import "./elements";
import "./style.css";

import { createPinia } from "pinia";
import { createApp } from "vue";

import { adoptTokenFromAddress } from "./api";
import App from "./App.vue";
import { i18n, type Language, speak } from "./language";

adoptTokenFromAddress();
speak(i18n.global.locale.value as Language);
createApp(App).use(createPinia()).use(i18n).mount("#app");
