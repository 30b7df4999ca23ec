import type { CodegenConfig } from "@graphql-codegen/cli";

const scalars = { BigInt: "number", DateTime: "string", URL: "string", JobInputValue: "unknown" };
const strict = { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars };

// gql/persisted-documents.json is the manifest that the gateway's -trusted-documents names.
const persistedDocuments = { hashAlgorithm: "sha256" } as const;

// npm run schema fetches the schema from a gateway.
const config: CodegenConfig = {
  schema: "schema.graphql",
  generates: {
    "codegen/gql/": {
      documents: ["codegen/*.ts"],
      preset: "client",
      presetConfig: { persistedDocuments },
      config: { ...strict, documentMode: "string" },
    },
    "urql/gql/": {
      documents: ["urql/*.ts"],
      preset: "client",
      presetConfig: { persistedDocuments, fragmentMasking: false },
      config: strict,
    },
  },
};

export default config;
