// The player's picture: the waveform of the speech with the borders of its words.

// Words of less confidence are coloured: below the first limit a word may be another one.
const DOUBTFUL = 0.3, UNSURE = 0.6;
const MIN_PX_PER_S = 130;
const BAR_PX = 3;
// Labels stand in two rows by turns, so that each has the room of two words.
const ROW_PX = 15, ROWS = 2, LABELS_PX = ROW_PX * ROWS + 4;
const PEAKS_PER_S = 200;
// Lower rates lose the hiss of an "s".
const DECODED_HZ = 16000;
// The place of the playhead in a waveform that moves, and how much of the way there a frame goes.
const PLAYHEAD = 0.35, EASE = 0.12;
const DRAG_PX = 5;
// So much, that the waveform is seen in it.
const LIT_OPACITY = 0.5;
const COLOURS = ["accent", "lit", "text", "muted", "line", "wave", "word", "unsure", "doubtful"];

// How uncertain the time of a word is: "doubtful", "unsure" or "". The mark of an estimated word
// says more than its confidence.
export function band({ confidence, estimated, said }) {
  if (confidence === null || estimated || !said || confidence >= UNSURE) return "";
  return confidence < DOUBTFUL ? "doubtful" : "unsure";
}

// The first of `length` indices for which `is_after` holds, which then holds for all later ones.
export function firstAfter(length, is_after) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is_after(middle)) high = middle; else low = middle + 1;
  }
  return low;
}

// The loudest sample of each 1/PEAKS_PER_S s, the loudest of all being 1. null where the page may
// not read the audio: opened from a disk, or served from elsewhere without CORS headers.
export async function decodedPeaks(url, signal) {
  if (!["http:", "https:", "blob:"].includes(new URL(url).protocol)) return null;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) return null;
    const context = new OfflineAudioContext(1, 1, DECODED_HZ);
    return peaks(await context.decodeAudioData(await response.arrayBuffer()));
  } catch {
    return null;
  }
}

function peaks(decoded) {
  const step = decoded.sampleRate / PEAKS_PER_S;
  const found = new Float32Array(Math.ceil(decoded.length / step));
  for (let channel = 0; channel < decoded.numberOfChannels; channel += 1) {
    const samples = decoded.getChannelData(channel);
    for (let at = 0; at < samples.length; at += 1) {
      const place = Math.floor(at / step), size = Math.abs(samples[at]);
      if (size > found[place]) found[place] = size;
    }
  }
  const most = found.reduce((a, b) => Math.max(a, b), 0) || 1;
  return found.map((size) => size / most);
}

function loudest(peaks, start_ms, end_ms) {
  const end = Math.ceil((end_ms * PEAKS_PER_S) / 1000);
  let most = 0;
  for (let at = Math.floor((start_ms * PEAKS_PER_S) / 1000); at < end; at += 1) {
    most = Math.max(most, peaks[at] ?? 0);
  }
  return most;
}

// The waveform with the borders of the words; without peaks a bar for each word. It draws only what
// is visible.
export class Wave {
  #canvas;
  #context;
  #player;
  #peaks = null;
  #colours = {};
  #view_ms = 0;
  #ms = 0;
  #index = -1;
  #label_widths = new Map();

  constructor(canvas, player) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#player = player;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    this.#listen();
  }

  clear() {
    this.#peaks = null;
    this.#view_ms = 0;
    this.#label_widths.clear();
  }

  setPeaks(peaks) {
    this.#peaks = peaks;
    this.#canvas.dataset.shows = peaks ? "waveform" : "words";
    this.#draw();
  }

  restyle() {
    const style = getComputedStyle(this.#canvas);
    for (const name of COLOURS) {
      this.#colours[name] = style.getPropertyValue(`--player-${name}`).trim();
    }
    this.#draw();
  }

  show(ms, index, playing) {
    const changed = index !== this.#index;
    this.#ms = ms;
    this.#index = index;
    if (!playing || changed) this.#describe();
    this.#followPlayhead(playing);
    this.#draw();
  }

  get #width() {
    return this.#canvas.clientWidth;
  }

  get #px_per_ms() {
    return Math.max(this.#width / (this.#player.duration_ms || 1), MIN_PX_PER_S / 1000);
  }

  #x(ms) {
    return (ms - this.#view_ms) * this.#px_per_ms;
  }

  #moveTo(view_ms) {
    const visible_ms = this.#width / this.#px_per_ms;
    this.#view_ms = Math.max(0, Math.min(view_ms, this.#player.duration_ms - visible_ms));
  }

  #followPlayhead(playing) {
    const x = this.#x(this.#ms), visible_ms = this.#width / this.#px_per_ms;
    const to = this.#ms - visible_ms * PLAYHEAD;
    const is_far = x < 0 || x > this.#width;
    const is_still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (is_far) this.#moveTo(to);
    else if (playing && !is_still) this.#moveTo(this.#view_ms + (to - this.#view_ms) * EASE);
  }

  #describe() {
    const { words, duration_ms } = this.#player, word = words[this.#index];
    const seconds = `${(this.#ms / 1000).toFixed(1)} seconds`;
    const place = word ? `${word.text}, word ${this.#index + 1} of ${words.length}, ` : "";
    const values = {
      "aria-valuemin": 0,
      "aria-valuemax": (duration_ms / 1000).toFixed(1),
      "aria-valuenow": (this.#ms / 1000).toFixed(1),
      "aria-valuetext": `${place}${seconds}`,
    };
    for (const [name, value] of Object.entries(values)) this.#canvas.setAttribute(name, value);
  }

  // A click plays from there, a drag moves the waveform.
  #listen() {
    let from = null;
    this.#canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = { x: event.offsetX, view_ms: this.#view_ms, dragged: false };
      this.#canvas.setPointerCapture(event.pointerId);
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const px = event.offsetX - from.x;
      from.dragged ||= Math.abs(px) > DRAG_PX;
      if (from.dragged) this.#drag(from.view_ms - px / this.#px_per_ms);
    });
    this.#canvas.addEventListener("pointerup", (event) => {
      if (from && !from.dragged) this.#player.playAt(this.#view_ms + from.x / this.#px_per_ms);
      from = null;
    });
    this.#canvas.addEventListener("pointercancel", () => { from = null; });
    this.#canvas.addEventListener("wheel", (event) => {
      if (!event.deltaX) return;
      event.preventDefault();
      this.#drag(this.#view_ms + event.deltaX / this.#px_per_ms);
    }, { passive: false });
  }

  #drag(view_ms) {
    this.#moveTo(view_ms);
    this.#draw();
  }

  #resize() {
    const scale = devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#canvas.clientWidth * scale);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * scale);
    this.#moveTo(this.#view_ms);
    this.restyle();
  }

  #draw() {
    const scale = devicePixelRatio || 1, context = this.#context;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.#width, this.#canvas.clientHeight);
    const height = this.#canvas.clientHeight - LABELS_PX, visible = this.#visible();
    this.#drawWords(visible, height);
    if (this.#peaks) this.#drawPeaks(height);
    this.#drawBorders(visible, height, scale);
    this.#drawLabels(visible, height);
    context.fillStyle = this.#colours.accent;
    context.fillRect(this.#x(this.#ms) - 1, 0, 2, height);
  }

  // The indices of the words in the picture.
  #visible() {
    const { words } = this.#player, end_ms = this.#view_ms + this.#width / this.#px_per_ms;
    const found = [];
    let at = firstAfter(words.length, (index) => words[index].end_ms > this.#view_ms);
    for (; at < words.length && words[at].start_ms < end_ms; at += 1) {
      if (words[at].said) found.push(at);
    }
    return found;
  }

  #drawWords(visible, height) {
    for (const index of visible) {
      const word = this.#player.words[index], x = this.#x(word.start_ms);
      const width = Math.max(1, this.#x(word.end_ms) - x), inset = this.#peaks ? 0 : height / 4;
      this.#context.fillStyle = index === this.#index ? this.#colours.lit : this.#fill(word);
      this.#context.globalAlpha = index === this.#index && this.#peaks ? LIT_OPACITY : 1;
      this.#context.fillRect(x, inset, width, height - 2 * inset);
      this.#context.globalAlpha = 1;
    }
  }

  #fill(word) {
    return this.#peaks ? this.#colours.word : this.#colours[band(word) || "wave"];
  }

  // Bars lie at fixed times, so that they do not flicker while the waveform moves.
  #drawPeaks(height) {
    const bar_ms = BAR_PX / this.#px_per_ms, middle = height / 2, context = this.#context;
    const last = Math.ceil((this.#view_ms + this.#width / this.#px_per_ms) / bar_ms);
    for (let bar = Math.floor(this.#view_ms / bar_ms); bar <= last; bar += 1) {
      const peak = loudest(this.#peaks, bar * bar_ms, (bar + 1) * bar_ms);
      const half = Math.max(0.5, peak * middle * 0.9);
      const is_played = (bar + 0.5) * bar_ms < this.#ms;
      context.fillStyle = is_played ? this.#colours.accent : this.#colours.wave;
      context.fillRect(this.#x(bar * bar_ms), middle - half, BAR_PX - 1, 2 * half);
    }
  }

  #drawBorders(visible, height, scale) {
    this.#context.fillStyle = this.#colours.line;
    for (const index of visible) {
      const x = Math.round(this.#x(this.#player.words[index].start_ms) * scale) / scale;
      this.#context.fillRect(x, 0, 1, height + (index % ROWS) * ROW_PX + 4);
    }
  }

  // The texts that have room before the next one in their row.
  #drawLabels(visible, height) {
    const { words } = this.#player, context = this.#context;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "left";
    context.textBaseline = "bottom";
    for (const index of visible) {
      const { text, start_ms } = words[index], x = this.#x(start_ms), next = words[index + ROWS];
      const room = next ? this.#x(next.start_ms) - x : Infinity;
      if (this.#labelWidth(index) + 6 > room && index !== this.#index) continue;
      context.fillStyle = index === this.#index ? this.#colours.text : this.#colours.muted;
      context.fillText(text, x + 3, height + (index % ROWS + 1) * ROW_PX + 3);
    }
  }

  #labelWidth(index) {
    if (!this.#label_widths.has(index)) {
      const { text } = this.#player.words[index];
      this.#label_widths.set(index, this.#context.measureText(text).width);
    }
    return this.#label_widths.get(index);
  }
}
