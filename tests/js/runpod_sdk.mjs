// What RunPod's own JavaScript SDK makes of each answer, as one JSON object in the last line.
import runpodSdk from "runpod-sdk";

const { BASE_URL, ENDPOINT_ID, JOBS, LATE } = process.env;
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
// One that does not end in time: the SDK asks /status-sync until its own time is over.
found.late = LATE ? await endpoint.runSync({ input: {} }, 1000) : null;
console.log(JSON.stringify(found));
