// What RunPod's own JavaScript SDK makes of each answer, as one JSON object.
import runpodSdk from "runpod-sdk";

const { BASE_URL, ENDPOINT_ID, JOBS } = process.env;
const log = console.log;
console.log = () => {}; // the SDK prints the states of jobs
const endpoint = runpodSdk("anything", { baseUrl: BASE_URL }).endpoint(ENDPOINT_ID);
const found = {};
for (const [name, input] of Object.entries(JOBS ? JSON.parse(JOBS) : {})) {
  const sync = await endpoint.runSync({ input }, 60000);
  const { id } = await endpoint.run({ input });
  let state = await endpoint.status(id);
  while (!state.completed) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    state = await endpoint.status(id);
  }
  found[name] = { sync, state };
}
found.health = await endpoint.health();
const waiting = await endpoint.run({ input: { endpoint: "health" } });
found.cancel = await endpoint.cancel(waiting.id);
const wrong = runpodSdk("", { baseUrl: BASE_URL }).endpoint(ENDPOINT_ID);
found.refused = await wrong.health().then(
  () => "nothing",
  (error) => error.message,
);
log(JSON.stringify(found));
