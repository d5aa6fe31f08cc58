import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const SERVICE = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [vue()],
  define: { __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    chunkSizeWarningLimit: 1200,
    // A file of its own: it weighs as much as all the rest, and changes with its version alone.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "maplibre", test: /node_modules[\\/]maplibre-gl/ }] } } },
  },
  server: { proxy: { "/api": SERVICE, "/map": SERVICE, "/collections": SERVICE } },
});
