// Runs against build/oracles/meta: [[field, value], ...] on stdin, Meta's answers (null: refused) on stdout.
const path = require("path");
const { getNormalizedPII } = require(
  path.resolve(process.argv[2], "node_modules/capi-param-builder-nodejs/src/piiUtil/PIIUtil.js")
);
let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  const names = { zip: "zip_code" };
  const answers = JSON.parse(text).map(([field, value]) => getNormalizedPII(value, names[field] || field) || null);
  process.stdout.write(JSON.stringify(answers));
});
