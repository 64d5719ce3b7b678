// The voice picker, and clips that become voices.

import { follow, get, upload } from "./api.js";
import { fill } from "./form.js";
import * as problems from "./problems.js";

const element = (id) => document.getElementById(id);
const ENDING = /\.[^.]*$/;
const NOT_IN_NAMES = /[^\p{L}\p{N}._ -]+/gu;

let clip = null;

function labelOf({ name, built_in, description, duration }) {
  if (built_in) return description ? `${name} - ${description}` : `${name} - the engine's own`;
  return duration ? `${name} - ${duration.toFixed(1)} s` : name;
}

// Ask the worker which voices it has. chosen: the name to choose, if it is there.
export async function list(chosen) {
  const { id } = await get("/api/voices");
  const job = await follow(id);
  const voices = job?.output?.voices || [];
  fill(element("voice"), voices.map((voice) => [voice.name, labelOf(voice)]), chosen);
}

function take(file) {
  if (!file) return;
  clip = file;
  problems.clear();
  element("clip-name").textContent = file.name;
  element("voice_name").value = file.name.replace(ENDING, "").replace(NOT_IN_NAMES, " ").trim();
  element("upload-status").textContent = "";
  element("upload").hidden = false;
  element("voice_name").focus();
}

function put_away() {
  clip = null;
  element("clip").value = "";
  element("upload").hidden = true;
  element("ref_text").value = "";
}

async function store() {
  const name = element("voice_name").value.trim();
  const text = element("ref_text").value.trim();
  const fields = { name, language: element("language").value };
  if (text) fields.ref_text = text;
  const status = element("upload-status");
  problems.clear();
  status.textContent = "Storing the voice ...";
  element("store").disabled = true;
  try {
    const { id } = await upload(fields, clip);
    const job = await follow(id);
    if (!job) throw new Error("The upload was cancelled.");
    const notes = job.output.warnings || [];
    put_away();
    await list(job.output.voice_name);
    element("voice").dispatchEvent(new Event("input", { bubbles: true }));
    status.textContent = [`The voice ${job.output.voice_name} is stored and chosen.`, ...notes].join(" ");
  } catch (error) {
    status.textContent = "";
    problems.show(error, element("voice_name"));
  } finally {
    element("store").disabled = false;
  }
}

// Say what this worker does with a clip.
export function offer({ clones, transcribes }) {
  const note = element("clones");
  note.hidden = clones !== false;
  note.textContent = "The preview engine does not clone voices: it stores the clip, and speaks with its own voice.";
  element("transcript-need").textContent = transcribes === false && clones !== false
    ? "- needed, because this worker has no Whisper" : "- optional";
}

// Take clips from the button and from drops.
export function listen() {
  const drop = element("drop");
  element("choose").addEventListener("click", () => element("clip").click());
  element("clip").addEventListener("change", (event) => take(event.target.files[0]));
  element("store").addEventListener("click", store);
  element("forget").addEventListener("click", put_away);
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
}
