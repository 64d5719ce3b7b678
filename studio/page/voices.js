// The voice picker, and clips that become voices.

import { cancel, follow, get, upload } from "./api.js";
import { fill } from "./form.js";
import * as problems from "./problems.js";

const element = (id) => document.getElementById(id);
const ENDING = /\.[^.]*$/;
const NOT_IN_NAMES = /[^\p{L}\p{N}._ -]+/gu;

// What the studio's server takes.
const MAX_CLIP_MB = 100;

let clip = null;
let listing = { id: null };

function labelOf({ name, built_in, description, duration }) {
  if (built_in) return description ? `${name} - ${description}` : `${name} - the engine's own`;
  return duration ? `${name} - ${duration.toFixed(1)} s` : name;
}

// Ask the worker which voices it has. chosen: the name to choose, if it is there. A later call takes
// the place of one that still waits.
export async function list(chosen) {
  const own = { id: null };
  const earlier = listing;
  listing = own;
  // An error means that the job has ended by itself.
  if (earlier.id) cancel(earlier.id).catch(() => {});
  try {
    own.id = (await get("/api/voices")).id;
    const job = await follow(own.id);
    if (own !== listing) return;
    const voices = job?.output?.voices || [];
    fill(element("voice"), voices.map((voice) => [voice.name, labelOf(voice)]), chosen);
  } catch (error) {
    if (own === listing) throw error;
  } finally {
    own.id = null;
    if (own === listing) {
      element("voice").removeAttribute("aria-busy");
      element("voices-status").textContent = "";
    }
  }
}

// Why a file cannot be sent as a clip; null if it can be.
async function problemOf(file) {
  const mb = file.size / 1e6;
  if (mb > MAX_CLIP_MB) {
    return `${file.name} has ${Math.ceil(mb)} MB, and a clip may have ${MAX_CLIP_MB} MB. Cut 7 to 12 seconds out of it.`;
  }
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return `${file.name} cannot be read. Choose a file with sound, and no folder.`;
  }
  return file.size ? null : `${file.name} is empty. Choose a file with sound.`;
}

async function take(file) {
  if (!file) return;
  const problem = await problemOf(file);
  if (problem) {
    put_away();
    problems.show({ message: problem }, element("choose"));
    return;
  }
  clip = file;
  problems.clear();
  element("clip-name").textContent = file.name;
  element("voice_name").value = file.name.replace(ENDING, "").replace(NOT_IN_NAMES, " ").trim();
  element("upload-status").textContent = "";
  element("upload").hidden = false;
  element("voice_name").focus();
}

function put_away() {
  // What is hidden would lose the focus of the keyboard.
  if (element("upload").contains(document.activeElement)) element("choose").focus();
  clip = null;
  element("clip").value = "";
  element("upload").hidden = true;
  element("ref_text").value = "";
}

async function store() {
  const button = element("store");
  if (button.getAttribute("aria-disabled") === "true") return;
  const name = element("voice_name").value.trim();
  const text = element("ref_text").value.trim();
  const fields = { name, language: element("language").value };
  if (text) fields.ref_text = text;
  const status = element("upload-status");
  problems.clear();
  status.textContent = "Storing the voice ...";
  button.setAttribute("aria-disabled", "true");
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
    problems.show(error, element("choose"));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// Show that this worker's voices are not known yet, and say what it does with a clip.
export function offer({ mode, clones, transcribes }) {
  fill(element("voice"), [["default", "default"]]);
  element("voice").setAttribute("aria-busy", "true");
  element("voices-status").textContent = mode === "runpod"
    ? "Asking the endpoint for its voices ... A worker may have to start first." : "";
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
