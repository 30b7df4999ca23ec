// The schema as its files have it, and the one that was released last.
import { buildSchema, lexicographicSortSchema, printSchema } from "graphql";
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../schema/", import.meta.url);

/** The file that `npm run release` writes. */
export const releasedFile = new URL("released.graphqls", import.meta.url);

export const current = () =>
  buildSchema(
    readdirSync(folder)
      .filter((name) => name.endsWith(".graphqls"))
      .map((name) => readFileSync(new URL(name, folder), "utf8"))
      .join("\n"),
  );

export const released = () => buildSchema(readFileSync(releasedFile, "utf8"));

/** A schema as text: the same for the same schema, in whatever order its files have it. */
export const print = (schema) => printSchema(lexicographicSortSchema(schema)) + "\n";
