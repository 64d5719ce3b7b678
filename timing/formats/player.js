// A player that shows where each word of a speech lies: a waveform with the words' borders, and the
// script, whose words light as they are spoken. The timing page and the studio use it.
//
// createPlayer(root, {keys}).load({sources, words, language, direction}) builds and fills `root`:
// header.player-top (canvas.player-wave, audio, .player-bar, .player-flat, .player-silent),
// .player-words with a span.word for each word (the lit one has the class `now`), and
// .player-legend. Parts that `root` has already are kept. Events on root: `player:now` {ms, index, playing} at each drawn frame,
// `player:ready` {duration_ms, waveform}, and `player:silent`. All times are ms of the audio.

import { Wave, band, decodedPeaks, firstAfter } from "./player_wave.js";

// Decoded, an hour takes 230 MB for a moment.
const MAX_DECODED_MS = 5_400_000;
const UNREAD = "Each bar is a word. There is no waveform, because the browser lets this page play the "
  + "audio, but not read it.";
const TOO_LONG = "Each bar is a word. Audio of more than 90 minutes has no waveform.";
const KEYS_OF_OTHERS =
  "input:not([type=checkbox]), textarea, select, audio, video, [contenteditable], [role^=tab]";
const SPACE_OF_OTHERS = "button, input, a, summary";
const HINT = "Click a word or the waveform to play from there. Space plays and pauses, "
  + "the arrow keys step through the words.";

// The player's words, from `words` of the JSON timing file. `text`, the text that was sent, gives
// the line breaks between them.
export function timedWords(words, text = "") {
  let end = null;
  return words.map((word) => {
    let gap = end === null ? "" : " ";
    if (end !== null && word.char_start !== undefined) {
      const between = text.slice(end, word.char_start);
      gap = word.char_start <= end ? "" : between.replace(/[^\n]+/g, "") || " ";
    }
    end = word.char_end ?? end ?? 0;
    return {
      text: word.word,
      start_ms: Math.round(word.start_time * 1000),
      end_ms: Math.round(word.end_time * 1000),
      gap,
      confidence: word.confidence ?? null,
      estimated: Boolean(word.interpolated),
      said: !word.unspoken,
    };
  });
}

export function createPlayer(root, options = {}) {
  return new Player(root, options);
}

class Player {
  #parts;
  #wave;
  #spans = [];
  #spoken = [];
  #sources = [];
  #index = -1;
  #stop_ms = Infinity;
  #loads = 0;
  #cancel = null;
  #root;

  constructor(root, { keys = root } = {}) {
    this.#root = root;
    this.words = [];
    this.#parts = build(root);
    this.audio = this.#parts.audio;
    this.#wave = new Wave(this.#parts.wave, this);
    this.#listen(keys);
  }

  get position_ms() {
    // After a seek to a word the position may be a fraction of a millisecond before its start.
    return this.audio.currentTime * 1000 + 0.5;
  }

  get duration_ms() {
    const ms = this.audio.duration * 1000;
    return Number.isFinite(ms) && ms > 0 ? ms : this.words.at(-1)?.end_ms ?? 0;
  }

  get index() {
    return this.#index;
  }

  load({ sources = [], words = null, language = "", direction = "auto" }) {
    this.#cancel?.abort();
    this.#cancel = new AbortController();
    this.#loads += 1;
    this.#index = -1;
    this.#stop_ms = Infinity;
    this.#wave.clear();
    const { words: script, silent, flat } = this.#parts;
    silent.hidden = flat.hidden = true;
    if (language) script.lang = language;
    script.dir = direction;
    if (words) write(script, words);
    this.#spans = [...script.querySelectorAll(".word")];
    this.words = words ?? this.#spans.map(read);
    this.#spoken = this.words.map((_, index) => index).filter((index) => this.words[index].said);
    mark(this.#spans, this.words, this.#parts);
    this.#sources = [...sources];
    if (sources.length) this.#next(); else this.#empty();
    this.#show();
  }

  clear() {
    this.load({ words: [] });
  }

  redraw() {
    this.#wave.restyle();
  }

  seek(ms, { play = false, stop_ms = Infinity } = {}) {
    this.#stop_ms = stop_ms;
    this.audio.currentTime = Math.max(0, ms) / 1000;
    if (play) this.#play();
  }

  playWord(index) {
    const { start_ms, end_ms } = this.words[index];
    this.seek(start_ms, { play: true, stop_ms: this.#parts.alone.checked ? end_ms : Infinity });
  }

  // To the next (1) or the previous (-1) word; between two words the previous is the one before.
  step(by) {
    const last = this.#lastStarted();
    const at = by < 0 && this.#index < 0 ? last : last + by;
    this.#seekWord(Math.min(Math.max(at, 0), this.#spoken.length - 1));
  }

  toggle() {
    if (this.audio.paused) this.#play(); else this.audio.pause();
  }

  // Play from a place of the waveform, or the word there alone.
  playAt(ms) {
    const at = this.#lastStarted(ms), index = this.#spoken[at];
    const inside = at >= 0 && ms < this.words[index].end_ms;
    if (inside && this.#parts.alone.checked) this.playWord(index);
    else this.seek(ms, { play: true });
  }

  // The place among the words that are said of the last one that has started; -1 before the first.
  #lastStarted(ms = this.position_ms) {
    return firstAfter(this.#spoken.length, (at) => this.words[this.#spoken[at]].start_ms > ms) - 1;
  }

  #seekWord(at) {
    if (this.#spoken.length) this.seek(this.words[this.#spoken[at]].start_ms);
  }

  // The `error` event reports a failure; the promise would report it a second time.
  #play() {
    this.audio.play().catch(() => {});
  }

  // Take the next source after the one before has failed. A link may expire while it is played.
  #next() {
    if (!this.#sources.length) {
      this.#parts.silent.hidden = false;
      this.#tell("player:silent");
      return;
    }
    const at = this.audio.src ? this.audio.currentTime : 0, playing = !this.audio.paused;
    this.audio.src = this.#sources.shift();
    this.audio.currentTime = at;
    if (playing) this.#play();
  }

  #empty() {
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  #listen(keys) {
    const { audio } = this, { words, speed } = this.#parts;
    audio.addEventListener("error", () => { if (audio.hasAttribute("src")) this.#next(); });
    audio.addEventListener("loadedmetadata", () => this.#decode());
    audio.addEventListener("play", () => this.#follow());
    audio.addEventListener("pause", () => { this.#stop_ms = Infinity; this.#show(); });
    for (const kind of ["seeked", "timeupdate"]) audio.addEventListener(kind, () => this.#show());
    words.addEventListener("click", (event) => {
      const index = this.#spans.indexOf(event.target.closest(".word"));
      if (index >= 0) this.playWord(index);
    });
    speed.addEventListener("change", () => {
      audio.defaultPlaybackRate = audio.playbackRate = Number(speed.value);
    });
    keys.addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!this.#spoken.length || target.closest?.(KEYS_OF_OTHERS)) return;
    if (key === " " && target.closest?.(SPACE_OF_OTHERS)) return;
    const actions = {
      " ": () => this.toggle(),
      ArrowRight: () => this.step(1),
      ArrowDown: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowUp: () => this.step(-1),
      Home: () => this.#seekWord(0),
      End: () => this.#seekWord(this.#spoken.length - 1),
    };
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    actions[key]();
  }

  async #decode() {
    const load = this.#loads, url = this.audio.currentSrc;
    const short = this.duration_ms <= MAX_DECODED_MS;
    const peaks = short ? await decodedPeaks(url, this.#cancel.signal) : null;
    if (load !== this.#loads) return;
    const { flat } = this.#parts;
    flat.hidden = peaks !== null;
    flat.textContent = short ? UNREAD : TOO_LONG;
    this.#wave.setPeaks(peaks);
    this.#tell("player:ready", { duration_ms: this.duration_ms, waveform: peaks !== null });
  }

  #follow() {
    this.#show();
    if (!this.audio.paused) requestAnimationFrame(() => this.#follow());
  }

  #show() {
    const ms = this.position_ms, last = this.#spoken[this.#lastStarted(ms)];
    const index = last !== undefined && ms < this.words[last].end_ms ? last : -1;
    const playing = !this.audio.paused;
    if (index !== this.#index) {
      this.#spans[this.#index]?.classList.remove("now");
      this.#spans[index]?.classList.add("now");
      this.#index = index;
      if (index >= 0 && playing) reveal(this.#spans[index], this.#parts.words);
    }
    this.#parts.now.value = `${this.audio.currentTime.toFixed(3)} s`;
    this.#wave.show(ms, index, playing);
    this.#tell("player:now", { ms, index, playing });
    if (ms >= this.#stop_ms) this.audio.pause();
  }

  #tell(kind, detail = {}) {
    this.#root.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true }));
  }
}

// Fill `root` with the parts that it lacks; all of them by name.
function build(root) {
  root.classList.add("player");
  const top = part(root, root, "header", "player-top");
  const wave = part(root, top, "canvas", "player-wave", { tabindex: 0, role: "slider" });
  wave.setAttribute("aria-label", "Position in the speech");
  top.prepend(wave);
  const audio = part(root, top, "audio", "player-audio", { controls: "", preload: "auto" });
  audio.setAttribute("aria-label", "Speech");
  const bar = part(root, top, "p", "player-bar");
  const flat = part(root, top, "p", "player-flat", { role: "note", hidden: "" });
  const silent = part(root, top, "p", "player-silent", { role: "alert", hidden: "" });
  silent.textContent ||= "The audio cannot be played. Its link may have expired.";
  const words = part(root, root, "div", "player-words");
  const legend = part(root, root, "footer", "player-legend");
  return { wave, audio, flat, silent, words, ...controls(bar), ...explanations(root, legend) };
}

// The element of a class inside `root`; it is made inside `parent` if there is none.
function part(root, parent, tag, name, attributes = {}) {
  const found = root.querySelector(`.${name}`);
  if (found) return found;
  const made = document.createElement(tag);
  made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

function controls(bar) {
  const alone = document.createElement("input");
  alone.type = "checkbox";
  alone.className = "player-alone";
  const speed = document.createElement("select");
  speed.className = "player-speed";
  for (const rate of [0.5, 0.75, 1]) speed.add(new Option(`${rate}×`, rate));
  speed.value = 1;
  const now = document.createElement("output");
  now.className = "player-now";
  // A screen reader would speak over the speech with each frame.
  now.setAttribute("aria-live", "off");
  bar.append(label(alone, " Play only the clicked word"), label("Speed ", speed), now);
  return { alone, speed, now };
}

function label(...content) {
  const made = document.createElement("label");
  made.append(...content);
  return made;
}

// Sentences that begin with a sample of what they explain.
function explanations(root, legend) {
  const explained = (name, looks, sample, text) => {
    const made = part(root, legend, "span", name);
    if (made.textContent) return made;
    const word = document.createElement("span");
    word.className = looks;
    word.textContent = sample;
    made.append(word, text);
    return made;
  };
  const dots = explained("player-dots", "estimated", "Dotted", " words have estimated times.");
  const unsure = explained("player-unsure", "unsure", "Amber", " words are less certain.");
  const doubtful = explained("player-doubtful", "doubtful", "Red", " words may have wrong times.");
  part(root, legend, "span", "player-hint").textContent = HINT;
  return { dots, unsure, doubtful };
}

// The words as elements; what stands between them as text.
function write(script, words) {
  const parts = [];
  for (const word of words) {
    const span = document.createElement("span");
    span.className = "word";
    span.dataset.start = word.start_ms;
    span.dataset.end = word.end_ms;
    span.textContent = word.text;
    parts.push(word.gap, span);
  }
  script.replaceChildren(...parts);
}

// The word of an element that the page has.
function read(span) {
  const { start, end, confidence } = span.dataset;
  return {
    text: span.textContent,
    start_ms: Number(start),
    end_ms: Number(end),
    gap: "",
    confidence: confidence === undefined ? null : Number(confidence),
    estimated: span.classList.contains("estimated"),
    said: true,
  };
}

// Mark the words that are estimated or uncertain, and explain the marks that there are.
function mark(spans, words, { dots, unsure, doubtful }) {
  const bands = words.map(band);
  spans.forEach((span, index) => {
    span.classList.toggle("estimated", words[index].estimated && words[index].said);
    span.classList.toggle("unsaid", !words[index].said);
    if (bands[index]) span.classList.add(bands[index]);
  });
  dots.hidden = !words.some((word) => word.estimated && word.said);
  unsure.hidden = !bands.includes("unsure");
  doubtful.hidden = !bands.includes("doubtful");
}

// Scroll to a word: inside the script where that scrolls, else the page.
function reveal(span, script) {
  const { overflowY } = getComputedStyle(script);
  if (overflowY !== "auto" && overflowY !== "scroll") {
    span.scrollIntoView({ block: "nearest" });
    return;
  }
  const word = span.getBoundingClientRect(), frame = script.getBoundingClientRect();
  if (word.bottom > frame.bottom || word.top < frame.top) {
    script.scrollTop += word.top - frame.top - script.clientHeight / 3;
  }
}
