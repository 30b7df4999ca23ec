// Runs the GraphQL-over-HTTP audits against the address given and fails unless all of them pass, the optional ones included.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
const failed = results.filter((result) => result.status !== "ok");
for (const { id, name, reason } of failed) {
  console.error(`${id} ${name}: ${reason}`);
}
console.log(`${results.length - failed.length} of ${results.length} audits passed`);
process.exitCode = failed.length === 0 ? 0 : 1;
