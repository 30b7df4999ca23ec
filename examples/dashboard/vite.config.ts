import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The build is embedded in the gateway's binary and served at /demo/.
export default defineConfig({
  base: "/demo/",
  plugins: [react()],
  build: { license: { fileName: "licenses.md" }, outDir: "dist", assetsDir: "assets", sourcemap: false, modulePreload: { polyfill: false } },
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8080", ws: true } } },
});
