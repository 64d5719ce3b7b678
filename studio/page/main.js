// The studio's page: its parts, and what connects them.

import { createPlayer, timedWords } from "/player/player.js";
import { cancel, captionsOf, get, run, wordsOf } from "./api.js";
import * as endpoint from "./endpoint.js";
import { Files } from "./files.js";
import { offer, speechInput } from "./form.js";
import { Look } from "./look.js";
import * as problems from "./problems.js";
import { requestText } from "./request.js";
import { sampleCues } from "./sample.js";
import { Stage } from "./stage.js";
import * as voices from "./voices.js";

const element = (id) => document.getElementById(id);
const STAGES = {
  synthesis: "Speaking", pace: "Finding the pace", verification: "Listening to the speech",
  timing: "Timing the words", upload: "Storing the files", waiting: "Waiting for another job",
};
const STILL_MS = 700;
const COPIED_MS = 1500;
const WIDE_MARGINS = { left: 96, right: 96, vertical: 60 };

const state = { worker: null, speech: null, job: null, ask: 0, form: "json" };
const stages = [new Stage(element("tall"), [1080, 1920]), new Stage(element("wide"), [1920, 1080])];
const player = createPlayer(element("player"), { keys: document });
const files = new Files();
const look = new Look(onLook);
const isStill = matchMedia("(prefers-reduced-motion: reduce)");

// ---- the frames

function onLook(wordsMove) {
  if (!state.worker) return;
  showRequest();
  for (const stage of stages) stage.recolour((colours) => look.coloured(colours));
  if (!state.speech) {
    if (wordsMove) showSample();
    return;
  }
  files.restyle(look.subtitles());
  showCaptions();
}

async function showCaptions() {
  const turn = (state.ask += 1);
  const { id } = state.speech;
  try {
    const replies = await Promise.all(
      stages.map((stage) => captionsOf(id, look.subtitles(stage.name)))
    );
    if (turn !== state.ask) return;
    problems.clear();
    await Promise.all(stages.map((stage, index) => stage.show(replies[index])));
    drawNow();
  } catch (error) {
    if (turn === state.ask) problems.show(error);
  }
}

// Before the first speech the frames show the script itself, in the look.
async function showSample() {
  const { values, font, preset } = look;
  await Promise.all(stages.map((stage) => {
    const [width, height] = stage.resolution;
    const margins = width > height ? WIDE_MARGINS : values.margins;
    const cues = sampleCues(element("script").value, preset, look.size(stage.name));
    return stage.show({ ...values, width, height, margins, font, cues });
  }));
}

function drawNow() {
  const { cues } = stages[0].captions || { cues: [] };
  const isAtStart = player.audio.paused && player.position_ms === 0;
  const ms = isAtStart && cues.length ? cues[0].start_ms : player.position_ms;
  for (const stage of stages) stage.draw(ms);
}

function runSample(now) {
  if (state.speech) return;
  const { cues } = stages[0].captions || { cues: [] };
  const end = cues.at(-1)?.end_ms || 1;
  const ms = isStill.matches ? STILL_MS : now % end;
  for (const stage of stages) stage.draw(ms);
  requestAnimationFrame(runSample);
}

// ---- speaking

// A screen reader says the stage when it changes, and not each step of it: the bar has these.
function tell(stage, part = "") {
  if (element("stage").textContent !== stage) element("stage").textContent = stage;
  element("part").textContent = part;
}

function showProgress(job) {
  const { done = 0, total = 0 } = job.progress || {};
  const bar = element("bar");
  if (done && total > 1) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
  if (job.status === "IN_QUEUE" || !job.progress) tell("Waiting for the worker ...");
  else tell(`${STAGES[job.progress.stage] || job.progress.stage} ...`, total > 1 ? ` ${done} of ${total}` : "");
}

// A button that is disabled, or hidden, would lose the focus of the keyboard.
function setBusy(isBusy) {
  element("speak").setAttribute("aria-disabled", String(isBusy));
  if (!isBusy && document.activeElement === element("cancel")) element("speak").focus();
  element("cancel").hidden = element("progress").hidden = !isBusy;
}

async function speak() {
  if (state.job || !state.worker) return;
  problems.clear();
  state.job = "starting";
  setBusy(true);
  tell("Sending the script ...");
  const input = speechInput(look.subtitles());
  try {
    const job = await run(input, (id) => { state.job = id; }, showProgress);
    if (job) await showSpeech(job, input);
    else tell("Cancelled. Nothing was made.");
  } catch (error) {
    tell("");
    problems.show(error);
  } finally {
    state.job = null;
    setBusy(false);
  }
}

async function showSpeech(job, input) {
  const timed = await wordsOf(job.id);
  state.speech = job;
  element("listen").hidden = element("take").hidden = false;
  element("frames-note").textContent = "";
  const words = timedWords(timed.words, input.text);
  player.load({ sources: [job.output.audio_url], words, language: timed.language });
  const notes = (job.output.warnings || []).map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  });
  element("warnings").replaceChildren(...notes);
  files.show(job);
  await showCaptions();
  const took = job.seconds ? `, made in ${job.seconds.toFixed(1)} s` : "";
  tell(`Done: ${timed.duration.toFixed(1)} s of speech${took}.`);
}

// ---- the request

function showRequest() {
  const input = speechInput(look.subtitles());
  element("request").textContent = requestText(state.form, input, state.worker?.endpoint_id);
  const letters = element("script").value.length;
  element("count").textContent = `${letters.toLocaleString("en")} characters`;
}

function chooseForm(tab) {
  state.form = tab.dataset.form;
  for (const other of document.querySelectorAll("[role=tab]")) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  element("request").setAttribute("aria-labelledby", tab.id);
  showRequest();
}

async function copyRequest() {
  const button = element("copy");
  try {
    await navigator.clipboard.writeText(element("request").textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(element("request"));
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { button.textContent = "Copy"; }, COPIED_MS);
}

function listenToTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => chooseForm(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      chooseForm(next);
      next.focus();
    });
  }
  element("copy").addEventListener("click", copyRequest);
}

// ---- the start

async function drive(worker) {
  state.worker = worker;
  const voice = element("voice").value;
  endpoint.show(worker);
  offer(worker);
  voices.offer(worker);
  const fontRead = look.offer(worker);
  showRequest();
  // An endpoint without a running worker answers after minutes; until then it can be left again.
  voices.list(voice).then(showRequest, (error) => problems.show(error, element("voice")));
  try {
    await fontRead;
    if (!state.speech) await showSample();
  } catch (error) {  // without its captions the page still speaks
    problems.show(error, element("font"));
  }
}

function listenToForm() {
  element("form").addEventListener("submit", (event) => {
    event.preventDefault();
    speak();
  });
  element("form").addEventListener("input", showRequest);
  element("script").addEventListener("input", () => {
    if (!state.speech && state.worker) showSample();
  });
  element("cancel").addEventListener("click", () => {
    if (state.job && state.job !== "starting") cancel(state.job).catch(problems.show);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      speak();
    }
  });
  for (const button of document.querySelectorAll("[data-play]")) {
    button.addEventListener("click", () => { if (state.speech) player.toggle(); });
  }
  element("player").addEventListener("player:now", drawNow);
}

listenToForm();
listenToTabs();
voices.listen();
endpoint.listen(drive);
element("frames-note").textContent = "a preview of the look, before Speak";
requestAnimationFrame(runSample);
get("/api/worker").then(drive).catch(problems.show);
