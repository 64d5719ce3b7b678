#!/usr/bin/env node
/**
 * A client of a worker's endpoint on RunPod for Node 18 and later, without any package.
 *
 *   export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> RUNPOD_API_KEY=...
 *   node examples/client.mjs "Hello there." --voice default --to folder
 *
 * In a program:
 *
 *   import { Client } from "./client.mjs";
 *   const client = Client.fromEnvironment();
 *   await client.check();
 *   const reply = await client.run({ text: "Hello there." });
 *   await client.save(reply, "folder");
 */

import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync, realpathSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** How often a call is made in all while the service is busy or cannot be reached. */
const TRIES = 5;
/** The service did not take the call: it is safe to repeat it. */
const BUSY = [408, 429, 503];
const LONGEST_PAUSE_MS = 30_000;
const CALL_MS = 120_000;
/** What to do next, by the status of a call or the code of a failed job. */
const CALL_HINTS = {
  400: "the body of the job is wrong",
  401: "set RUNPOD_API_KEY to a key of your account, from RunPod's settings",
  403: "the key has no right to this endpoint: give it the right to read and write",
  404:
    "set RUNPOD_ENDPOINT to the URL of your endpoint, https://api.runpod.ai/v2/<endpoint id>; " +
    "RunPod forgets a job 30 minutes after its end",
  429: "too many calls: wait a minute",
};
const FILE_HINTS = {
  403: 'the link has expired: the job {"endpoint": "status", "job_id": ...} makes new ones',
  404: "the file was deleted",
};
const JOB_HINTS = {
  voice_not_found: 'the job {"endpoint": "list_voices"} names the stored voices',
  invalid_request: "the message names each wrong field and what to write instead",
  worker_unavailable: "the endpoint's worker could not start: tell its operator",
  internal_error: "send the job again",
};

/** A variable that is missing or wrong; its message says which, and what it should be. */
export class SetupError extends Error {}

/** A call that the service refused (`status`), or that did not reach it (`status` is null). */
export class CallFailed extends Error {
  constructor(status, sentence, hint = "") {
    const shown = status === null ? sentence : `status ${status}: ${sentence}`;
    super([shown, hint].filter(Boolean).join("\n"));
    Object.assign(this, { name: "CallFailed", status, sentence, hint });
  }
}

/** A job that ended without a reply: `code`, `sentence`, `details` and `hint` say why. */
export class JobFailed extends Error {
  constructor(state) {
    const error = String(state.error ?? state.status);
    const output = state.output ?? {};
    const code = output.code ?? error.split(":")[0];
    const sentence = output.message ?? error.slice(error.indexOf(": ") + 1).trim();
    const hint = JOB_HINTS[code] ?? "";
    const told = error.startsWith(code) ? error : `${code}: ${sentence}`;
    super([told, hint].filter(Boolean).join("\n"));
    Object.assign(this, { name: "JobFailed", code, sentence, hint, details: output.details ?? [sentence] });
  }
}

/** Sends jobs to one endpoint, waits for them, and downloads their files. */
export class Client {
  #endpoint;
  #key;
  #pollMs;
  #pauseMs;

  /**
   * endpoint: its URL, https://api.runpod.ai/v2/<endpoint id>.
   * key: a key of RunPod's API. It goes to the endpoint alone, never to the links of files.
   * pollMs: milliseconds between two looks at a job.
   * pauseMs: milliseconds before the first repeated call; each further pause is twice as long.
   */
  constructor(endpoint, key, { pollMs = 1000, pauseMs = 500 } = {}) {
    this.#endpoint = endpoint.replace(/\/+$/, "");
    this.#key = key;
    this.#pollMs = pollMs;
    this.#pauseMs = pauseMs;
  }

  /** A client of RUNPOD_ENDPOINT with RUNPOD_API_KEY. Throws SetupError. */
  static fromEnvironment(environment = process.env) {
    const names = ["RUNPOD_ENDPOINT", "RUNPOD_API_KEY"];
    const [endpoint, key] = names.map((name) => (environment[name] ?? "").trim());
    const missing = names.filter((name, index) => ![endpoint, key][index]);
    if (missing.length) {
      throw new SetupError(`set ${missing.join(" and ")}; the head of this file shows how`);
    }
    if (!/^https?:\/\/[^/]/.test(endpoint)) {
      throw new SetupError(
        `RUNPOD_ENDPOINT is "${endpoint}"; give https://api.runpod.ai/v2/<endpoint id>`,
      );
    }
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new SetupError("RUNPOD_API_KEY has characters that no key has; copy the key again");
    }
    const pollS = environment.POLL_S ?? "1";
    if (!/^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(pollS)) {
      throw new SetupError(`POLL_S is "${pollS}"; give the seconds between two looks at a job`);
    }
    return new Client(endpoint, key, { pollMs: 1000 * Number(pollS) });
  }

  /** The counts of jobs and workers. It costs nothing, and a wrong key or id fails here. */
  check() {
    return this.#call("GET", "/health");
  }

  /**
   * Queues a job and returns its id. With an `idempotency_key` in the input the call is repeated
   * also when the service may have taken the job: then it is done once all the same.
   * beside: what stands beside `input`: webhook, policy, s3Config.
   */
  async submit(input, beside = {}) {
    const isSafe = "idempotency_key" in input;
    return (await this.#call("POST", "/run", { input, ...beside }, isSafe)).id;
  }

  /**
   * Waits for a job and returns its reply. Throws JobFailed.
   * onProgress: called with stage, done and total whenever they change.
   * signal: an AbortSignal that ends the wait.
   */
  async wait(jobId, { onProgress = () => {}, signal } = {}) {
    for (let shown = ""; ; ) {
      const state = await this.#call("GET", `/status/${jobId}`);
      if (state.status === "COMPLETED") return state.output;
      if (!["IN_QUEUE", "IN_PROGRESS"].includes(state.status)) throw new JobFailed(state);
      const step = JSON.stringify(state.output ?? {});
      if (state.output?.stage && step !== shown) onProgress(state.output);
      shown = step;
      await sleep(this.#pollMs, undefined, { signal });
    }
  }

  /** Stops a job, whether it waits or runs. */
  cancel(jobId) {
    return this.#call("POST", `/cancel/${jobId}`);
  }

  /**
   * Queues a job, waits for it and returns its reply. Throws JobFailed.
   * If `signal` ends the wait, the job is cancelled first.
   */
  async run(input, { onProgress, signal, beside } = {}) {
    const jobId = await this.submit(input, beside);
    try {
      return await this.wait(jobId, { onProgress, signal });
    } catch (error) {
      if (error.name === "AbortError") await this.cancel(jobId);
      throw error;
    }
  }

  /** Downloads every file of a reply into a folder that exists, and returns their paths. */
  async save(reply, folder) {
    const saved = [];
    for (const [name, url] of Object.entries(links(reply))) {
      const target = path.join(folder, name);
      await this.#download(url, target);
      saved.push(target);
    }
    return saved;
  }

  /** A file is complete when it has its name: until then it ends with `.part`. */
  async #download(url, target) {
    if (!/^https?:/.test(url)) {
      throw new CallFailed(null, `${url} is on the worker's own disk; give the worker a bucket`);
    }
    const unfinished = `${target}.part`;
    try {
      await this.#repeat(
        async () => {
          const answer = await fetch(url, { signal: AbortSignal.timeout(CALL_MS) });
          if (answer.ok) await pipeline(Readable.fromWeb(answer.body), createWriteStream(unfinished));
          return answer;
        },
        { isSafe: true, what: path.basename(target), hints: FILE_HINTS },
      );
      await rename(unfinished, target);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async #call(method, route, body, isSafe = true) {
    const headers = { Authorization: `Bearer ${this.#key}`, "Content-Type": "application/json" };
    const answer = await this.#repeat(
      () =>
        fetch(this.#endpoint + route, {
          method,
          headers,
          body: body && JSON.stringify(body),
          signal: AbortSignal.timeout(CALL_MS),
        }),
      { isSafe, what: this.#endpoint, hints: CALL_HINTS },
    );
    try {
      return await answer.json();
    } catch {
      throw new CallFailed(answer.status, "the answer is no JSON");
    }
  }

  /** Makes a call until it is answered, with pauses while the service is busy. Throws CallFailed. */
  async #repeat(call, { isSafe, what, hints }) {
    for (let tried = 1; ; tried++) {
      let answer = null;
      let failure;
      let again;
      try {
        answer = await call();
        if (answer.ok) return answer;
        again = BUSY.includes(answer.status) || (isSafe && answer.status >= 500);
        const sentence = (await answer.text()).trim().slice(0, 2000) || answer.statusText;
        failure = new CallFailed(answer.status, sentence, hints[answer.status]);
      } catch (error) {
        const reason = error.cause?.code ?? error.cause?.message ?? error.message;
        again = isSafe || reason === "ECONNREFUSED";
        failure = new CallFailed(null, `${what} cannot be reached: ${reason}`);
      }
      if (!again || tried === TRIES) throw failure;
      const asked = Number(answer?.headers.get("retry-after") ?? NaN) * 1000;
      const pause = Number.isFinite(asked) ? asked : this.#pauseMs * 2 ** (tried - 1);
      await sleep(Math.min(pause, LONGEST_PAUSE_MS));
    }
  }
}

/** The links of a reply by the names under which their files are saved. */
export function links(reply) {
  const urls = [reply.audio_url, reply.timing_url, ...Object.values(reply.timing_files ?? {})];
  const pathOf = (url) => decodeURIComponent(new URL(url).pathname);
  const named = {};
  for (const url of urls.filter(Boolean)) named[path.basename(pathOf(url))] = url;
  for (const part of reply.parts ?? []) {
    const name = `${reply.job_id}.${part.index}${path.extname(pathOf(part.audio_url ?? "file:///"))}`;
    if (part.audio_url) named[name] = part.audio_url;
  }
  return named;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      voice: { type: "string", default: "default" },
      formats: { type: "string", default: "all" },
      to: { type: "string", default: "." },
    },
  });
  if (positionals.length !== 1) throw new SetupError("give the text: client.mjs TEXT [--voice NAME]");
  const client = Client.fromEnvironment();
  // Before the job: what is wrong here must not cost one.
  await client.check();
  await mkdir(values.to, { recursive: true });
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const input = {
    text: positionals[0],
    voice: values.voice,
    return_word_timings: true,
    timing_format: values.formats,
    subtitles: { preset: "karaoke" },
    // A call that is repeated after a fault of the network is not paid twice.
    idempotency_key: randomUUID(),
  };
  const onProgress = ({ stage, done, total }) => console.error(`${stage} ${done}/${total}`);
  const reply = await client.run(input, { onProgress, signal: interrupt.signal });
  for (const sentence of [...reply.warnings, reply.timing_error].filter(Boolean)) {
    console.error(sentence);
  }
  for (const saved of await client.save(reply, values.to)) console.log(saved);
}

const started = process.argv[1];
if (existsSync(started ?? "") && realpathSync(started) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    if (error.name === "AbortError") {
      console.error("stopped, and the job is cancelled");
      process.exitCode = 130;
      return;
    }
    const isUsage = error instanceof SetupError || error.code?.startsWith?.("ERR_PARSE_ARGS");
    const isKnown = isUsage || error instanceof CallFailed || error instanceof JobFailed;
    console.error(isKnown ? error.message : error);
    process.exitCode = isUsage ? 2 : 1;
  });
}
