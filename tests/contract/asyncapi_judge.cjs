// Prints what the official AsyncAPI parser (its bundle is the first argument) finds in the documents
// named, by file.
const { readFileSync } = require("node:fs");

globalThis.self = globalThis; // The bundle is made for browsers.
const Parser = require(process.argv[2]);

const judge = async (file) => {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  return {
    messages: document ? document.allMessages().length : null,
    operations: document ? document.allOperations().length : null,
    diagnostics: diagnostics.map(({ severity, code, message, path }) => ({
      severity, code, message, path: path.join("/"),
    })),
  };
};

(async () => {
  const found = {};
  for (const file of process.argv.slice(3)) found[file] = await judge(file);
  console.log(JSON.stringify(found));
})();
