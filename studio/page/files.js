// The files of a speech, and those of a changed look.

import { cancel, run } from "./api.js";

const element = (id) => document.getElementById(id);
const WAIT_MS = 900;
const USES = {
  srt: "Subtitles for players and editors",
  vtt: "Subtitles for web pages",
  ass: "Captions as in the frame, for FFmpeg",
  json: "Every word with its times",
  html: "A page to check the times by ear",
  csv: "Words as a table",
};
const FIRST = ["audio", "ass", "srt", "vtt", "json", "html"];

function entry({ kind, format, name, download }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  Object.assign(link, { href: download, download: name, textContent: kind === "audio" ? "Sound" : format.toUpperCase() });
  const use = document.createElement("span");
  use.className = "hint";
  use.textContent = kind === "audio" ? `${format.toUpperCase()} file of the speech` : USES[format] || name;
  link.setAttribute("aria-label", `Download ${name}`);
  item.append(link, use);
  return item;
}

const keyOf = ({ kind, format }) => (kind === "audio" ? "audio" : format);

// Keeps the list of files, and lets the worker make the timing files anew when the look changes: a
// `timing` job, which speaks nothing.
export class Files {
  #speech = null; #files = []; #timer = 0; #running = null; #count = 0;

  // job: a finished job that spoke.
  show(job) {
    this.stop();
    this.#speech = job;
    this.#files = job.files;
    this.#list("");
  }

  // subtitles: the look that the files are to have.
  restyle(subtitles) {
    if (!this.#speech) return;
    this.stop();
    this.#status("The files get this look ...");
    const turn = this.#count;
    this.#timer = setTimeout(() => this.#make(subtitles, turn), WAIT_MS);
  }

  // End what is under way for an earlier look.
  stop() {
    clearTimeout(this.#timer);
    this.#count += 1;
    // An error means that the job has ended by itself.
    if (this.#running) cancel(this.#running).catch(() => {});
    this.#running = null;
  }

  async #make(subtitles, turn) {
    const input = {
      endpoint: "timing", job_id: this.#speech.output.job_id, timing_format: "all", subtitles,
    };
    try {
      const job = await run(input, (id) => { if (turn === this.#count) this.#running = id; });
      if (turn !== this.#count || !job) return;
      this.#running = null;
      const sound = this.#speech.files.filter(({ kind }) => kind !== "timing");
      this.#files = [...sound, ...job.files.filter(({ kind }) => kind === "timing")];
      this.#list("The files have this look.");
    } catch (error) {
      if (turn === this.#count) this.#status(`The files keep the earlier look: ${error.message}`);
    }
  }

  #status(text) {
    element("files-status").textContent = text;
  }

  #list(status) {
    const rank = (file) => FIRST.indexOf(keyOf(file));
    const main = this.#files.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b));
    const others = this.#files.filter((file) => rank(file) < 0);
    element("files").replaceChildren(...main.map(entry));
    element("others").replaceChildren(...others.map(entry));
    element("more-files").hidden = !others.length;
    this.#status(status);
  }
}
