// The component takes a document whose references are resolved; the official parser has checked ours in a test.
const resolved = (part, whole) => {
  if (Array.isArray(part)) return part.map((one) => resolved(one, whole));
  if (part === null || typeof part !== "object") return part;
  if (typeof part.$ref === "string") {
    const target = part.$ref.slice(2).split("/").reduce((at, step) => at[step], whole);
    return resolved(target, whole);
  }
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, resolved(one, whole)]));
};

const named = (things) => {
  for (const [name, thing] of Object.entries(things)) thing["x-parser-unique-object-id"] = name;
};

const show = (document_) => {
  const schema = resolved(document_, document_);
  named(schema.channels);
  named(schema.operations);
  named(schema.components.messages);
  schema["x-parser-spec-parsed"] = true;
  schema["x-parser-api-version"] = 3;
  const config = { show: { errors: false }, sidebar: { showOperations: "byDefault" } };
  AsyncApiStandalone.render({ schema, config }, document.getElementById("events"));
};

fetch("/docs/events/asyncapi.json").then((answer) => answer.json()).then(show);
