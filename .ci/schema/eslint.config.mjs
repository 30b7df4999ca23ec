// graphql-eslint over the schema and over the documents of the examples. Paths are those from the root of the repository.
import graphql from "@graphql-eslint/eslint-plugin";
import * as typescript from "@typescript-eslint/parser";

const schema = "schema/*.graphqls";

// Each example is an application of its own: names are unique within it.
const documents = {
  graphiql: "internal/graphiql/examples/*.graphql",
  dashboard: "examples/dashboard/src/queries.ts",
  bff: "examples/bff/*.graphql",
  apollo: "examples/clients/apollo/documents.ts",
  codegen: "examples/clients/codegen/documents.ts",
  relay: "examples/clients/relay/Jobs.tsx",
  urql: "examples/clients/urql/documents.ts",
};

// The plugin reads one configuration; a file's project is that which lists the file.
const projects = { schema: { schema }, ...Object.fromEntries(Object.entries(documents).map(([name, path]) => [name, { schema, documents: path }])) };

const plugins = { "@graphql-eslint": graphql };
const languageOptions = { parser: graphql.parser, parserOptions: { graphQLConfig: { projects } } };

const inFiles = Object.values(documents).filter((path) => path.endsWith(".graphql"));
const inCode = Object.values(documents).filter((path) => !path.endsWith(".graphql"));

export default [
  { ignores: ["**/node_modules", "**/dist", "**/gql", "**/__generated__"] },
  { files: inCode, plugins, processor: graphql.processor, languageOptions: { parser: typescript } },
  {
    files: [schema],
    plugins,
    languageOptions,
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // A description of one line stands in quotes, one of several in a block.
      "@graphql-eslint/description-style": "off",
      // Only what is found again has an id: a commit or a page of a list has none.
      "@graphql-eslint/strict-id-in-types": "off",
      // These are GitLab's own names: Runner.runnerType, Commit.committerName, User.username.
      "@graphql-eslint/no-typename-prefix": "off",
      // Short lists that come with their object are lists, and artifacts, which are edges too, have no id.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    files: [...inFiles, ...inCode.map((path) => `${path}/*.graphql`)],
    plugins,
    languageOptions,
    rules: graphql.configs["flat/operations-recommended"].rules,
  },
  {
    // An id is selected for a cache, which neither the explorer nor the BFF has.
    files: [documents.graphiql, documents.bff],
    rules: { "@graphql-eslint/require-selections": "off" },
  },
  {
    // Downstream pipelines of downstream pipelines are what this gateway is for.
    files: ["internal/graphiql/examples/04-downstream-pipelines.graphql"],
    rules: { "@graphql-eslint/selection-set-depth": "off" },
  },
  {
    // relay-compiler has rules of its own: it demands these names, selects ids by itself, and knows its directives and
    // the arguments of fragments.
    files: [`${documents.relay}/*.graphql`],
    rules: {
      "@graphql-eslint/naming-convention": "off",
      "@graphql-eslint/require-selections": "off",
      "@graphql-eslint/known-directives": "off",
      "@graphql-eslint/no-undefined-variables": "off",
    },
  },
];
