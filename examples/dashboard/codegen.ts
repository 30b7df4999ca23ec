import type { CodegenConfig } from "@graphql-codegen/cli";

// Types of the queries in src, from the gateway's own schema.
const config: CodegenConfig = {
  schema: "../../schema/*.graphqls",
  documents: ["src/**/*.{ts,tsx}"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { BigInt: "number", DateTime: "string", URL: "string", JobInputValue: "unknown" },
      },
    },
  },
};

export default config;
