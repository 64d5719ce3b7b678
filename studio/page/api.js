// Calls of the studio's server.

const POLL_MS = 250;
// RunPod may fail for a moment, and the job goes on.
const PATIENCE = 4, AGAIN_MS = 1000;
const ENDED = ["COMPLETED", "FAILED", "CANCELLED"];

// A refusal of the server or a job that failed. `details` are sentences; one of a wrong field begins
// with its name.
export class Refused extends Error {
  constructor({ code = "", message = "", details = [] }) {
    super(message || details[0] || "The studio gave no reason; see the terminal it runs in.");
    this.code = code;
    this.details = details;
  }
}

async function call(path, options) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch {
    throw new Refused({ message: "The studio does not answer. Start scripts/try again and reload this page." });
  }
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(body.error || {});
  return body;
}

export const get = (path) => call(path, {});
export const remove = (path) => call(path, { method: "DELETE" });
export const post = (path, body) => call(path, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

// Store a clip as a voice. fields: name, ref_text, language. Returns the id of the job.
export const upload = (fields, clip) => call(`/api/voices?${new URLSearchParams(fields)}`, {
  method: "POST",
  headers: { "Content-Type": "application/octet-stream" },
  body: clip,
});

const jobOf = (id) => `/api/jobs/${encodeURIComponent(id)}`;
export const cancel = (id) => post(`${jobOf(id)}/cancel`, {});
export const wordsOf = (id) => get(`${jobOf(id)}/words`);
export const captionsOf = (id, subtitles) => post(`${jobOf(id)}/captions`, { subtitles });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Wait until a job ends; `seen` gets each state of it. Returns the completed job, null if it was
// cancelled, and throws Refused if it failed.
export async function follow(id, seen = () => {}) {
  for (let failures = 0;;) {
    let job;
    try {
      job = await get(jobOf(id));
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error.code !== "runpod_error" || failures > PATIENCE) throw error;
      await pause(AGAIN_MS);
      continue;
    }
    seen(job);
    if (job.status === "COMPLETED") return job;
    if (job.status === "CANCELLED") return null;
    if (ENDED.includes(job.status)) throw failure(job);
    await pause(POLL_MS);
  }
}

function failure({ output, error }) {
  const { code, message, details } = output || {};
  const sentence = message || (error || "").replace(/^\w+: /, "");
  return new Refused({ code, message: sentence, details });
}

// Start a job and wait for it.
export async function run(input, started = () => {}, seen = () => {}) {
  const { id } = await post("/api/jobs", { input });
  started(id);
  return follow(id, seen);
}
