// Fails where the schema breaks clients of the released one, and CHANGELOG.md does not say so.
//
// A breaking change is named by its path, as graphql-inspector writes it and in backquotes, in the changelog's part
// "Unreleased": `Job.name`, `Query.job.id` (an argument), `JobStatus.RUNNING`.
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { current, released } from "./schema.mjs";

/** The changelog's part that is about what comes next. */
export function unreleased(changelog) {
  const part = changelog.split(/^## /m).find((text) => text.startsWith("Unreleased"));
  if (part === undefined) throw new Error("the changelog has no part \"## Unreleased\"");
  return part;
}

/** The breaking changes between two schemas that a changelog does not name. */
export async function unnamed(from, to, changelog) {
  const notes = unreleased(changelog);
  const changes = await diff(from, to);
  return changes.filter((c) => c.criticality.level === CriticalityLevel.Breaking && !notes.includes("`" + c.path + "`"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const changelog = readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8");
  const changes = await unnamed(released(), current(), changelog);
  for (const { path, message } of changes) console.error(`${path}: ${message}`);
  if (changes.length > 0) {
    console.error("These break clients of the released schema: undo them, or name each in CHANGELOG.md, under Unreleased.");
    process.exitCode = 1;
  }
}
