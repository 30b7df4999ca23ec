import relay from "vite-plugin-relay";
import { defineConfig } from "vitest/config";

// GATEWAY runs any document. TRUSTING runs nothing but what the manifests list.
export default defineConfig({
  plugins: [relay],
  test: {
    fileParallelism: false,
    testTimeout: 60_000,
    // The page of Relay's test is on no origin of its own.
    environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } },
  },
});
