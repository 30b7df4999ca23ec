import { buildSchema, parse, print as printDocument, visit } from "graphql";
import assert from "node:assert/strict";
import test from "node:test";

import { unnamed } from "./breaking.mjs";
import { current, print, released } from "./schema.mjs";

const changelog = (notes) => `# Changelog\n\n## Unreleased\n\n### Changed\n\n${notes}\n\n## 1.0.0\n\n- \`Job.name\` is new.\n`;

/** The schema as it is now, without its descriptions. */
const sdl = printDocument(visit(parse(print(current())), { enter: (node) => ("description" in node ? { ...node, description: undefined } : undefined) }));

/** The schema as it is now, with one text in place of another. */
function changed(from, to) {
  assert.ok(sdl.includes(from), `the schema has no ${from}`);
  return buildSchema(sdl.replace(from, to));
}

/** What breaks between the schema as it is now and another, by path. */
const breaks = async (to, notes) => (await unnamed(current(), to, changelog(notes))).map((c) => c.path);

const breaking = {
  "a field is gone": [/type Job implements [\s\S]*?\n  name: String!/.exec(sdl)[0], "Job.name", (s) => s.replace("\n  name: String!", "\n  title: String!")],
  "a field has another type": ["  retriedJobId: ID\n", "JobActionResult.retriedJobId", () => "  retriedJobId: Int\n"],
  "a value of an enum is gone": ["  CANCELING\n", "CancelOutcome.CANCELING", () => ""],
};

for (const [name, [from, path, mutate]] of Object.entries(breaking)) {
  test(`${name}: it must be named`, async () => {
    const to = changed(from, mutate(from));
    assert.ok((await breaks(to, "- Nothing.")).includes(path), `${path} is not found to break`);
    assert.ok(!(await breaks(to, `- \`${path}\` is no more.`)).includes(path), "it is named, and refused all the same");
  });
}

test("a field that is new breaks nothing", async () => {
  assert.deepEqual(await breaks(changed("type Mutation {", "type Mutation {\n  another: String"), ""), []);
});

test("the released schema is one that the schema can be compared with", () => {
  assert.ok(released().getQueryType());
});
