// Runs an n8n workflow, as far as the nodes of examples/n8n-workflow.json need it: n8n.mjs FILE HEADER
// Prints what the last nodes gave, one JSON object. HEADER is the value of the credential's header.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, header] = process.argv.slice(2);
const workflow = JSON.parse(readFileSync(file, "utf8"));
const nodes = Object.fromEntries(workflow.nodes.map((node) => [node.name, node]));
const outputs = {};
const execution = { id: randomUUID() };

/** A value of a parameter: text, or an expression `=...{{ }}...`. */
function value(raw, json) {
  if (typeof raw !== "string" || !raw.startsWith("=")) return raw;
  const of = (name) => ({ first: () => outputs[name][0] });
  const evaluate = (code) => new Function("$json", "$", "$execution", `return (${code})`)(json, of, execution);
  const whole = /^=\{\{([^]*)\}\}$/.exec(raw);
  if (whole && !whole[1].includes("{{")) return evaluate(whole[1]);
  return raw.slice(1).replace(/\{\{(.*?)\}\}/g, (_, code) => evaluate(code));
}

async function request({ parameters, credentials, retryOnFail }, { json }) {
  const get = (name) => value(parameters[name], json);
  const headers = parameters.authentication ? { Authorization: header } : {};
  if (Boolean(parameters.authentication) !== Boolean(credentials)) throw new Error("no credential");
  const method = get("method") ?? "GET";
  const options = { method, headers };
  if (parameters.sendBody) {
    options.body = get("jsonBody");
    headers["Content-Type"] = "application/json";
    const { input } = JSON.parse(options.body);
    if (retryOnFail && !input.idempotency_key) throw new Error("a job would be paid twice");
  }
  const answer = await fetch(get("url"), options);
  if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  if (parameters.options.response?.response.responseFormat !== "file") {
    return [{ json: await answer.json() }];
  }
  const bytes = Buffer.from(await answer.arrayBuffer());
  return [{ json: { url: get("url"), size: bytes.length, start: bytes.subarray(0, 3).toString("latin1") } }];
}

/** What each kind of node makes of one item: lists of items, one for each of its outputs. */
const kinds = {
  manualTrigger: () => [[{ json: {} }]],
  set: ({ parameters }, { json }) => {
    const fields = parameters.assignments.assignments;
    return [[{ json: Object.fromEntries(fields.map((one) => [one.name, value(one.value, json)])) }]];
  },
  httpRequest: async (node, item) => [await request(node, item)],
  wait: async (node, item) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return [[item]];
  },
  if: ({ parameters }, item) => {
    const [{ leftValue, operator }] = parameters.conditions.conditions;
    const found = value(leftValue, item.json);
    if (operator.operation !== "true" || typeof found !== "boolean") throw new Error("no boolean");
    return found ? [[item], []] : [[], [item]];
  },
  splitOut: ({ parameters }, { json }) => {
    const name = parameters.fieldToSplitOut;
    return [json[name].map((one) => ({ json: { [name]: one } }))];
  },
  stopAndError: ({ parameters }, { json }) => {
    throw new Error(value(parameters.errorMessage, json));
  },
};

const last = [];
async function run(name, items) {
  const node = nodes[name];
  const made = [];
  for (const item of items) {
    const found = await kinds[node.type.replace("n8n-nodes-base.", "")](node, item);
    found.forEach((list, index) => (made[index] ??= []).push(...list));
  }
  outputs[name] = made[0];
  const after = workflow.connections[name]?.main;
  if (!after) last.push(...made[0].map(({ json }) => json));
  for (const [index, links] of (after ?? []).entries()) {
    for (const link of made[index]?.length ? links : []) await run(link.node, made[index]);
  }
}

try {
  await run(workflow.nodes[0].name, [{ json: {} }]);
  console.log(JSON.stringify(last));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
