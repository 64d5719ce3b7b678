// How the captions look: the pickers, and the `subtitles` of a request that they stand for.

import { faceOf } from "./fonts.js";
import { fill } from "./form.js";

const element = (id) => document.getElementById(id);

// The preset `karaoke` is left out: it is `social` or `standard` with the style of that name.
const PRESETS = {
  word: "One word", social: "Short lines", standard: "Full lines", netflix: "Netflix rules",
};
const STYLES = {
  karaoke: "Fills up", active: "Lights up", box_word: "Box", pop: "Pops", underline: "Underline",
  reveal: "Appears", bold: "None, bold", clean: "None, clean", box: "None, on a box",
};
const POSITIONS = { bottom: "Bottom", middle: "Middle", top: "Top" };
const FRAMES = { "1080x1920": "9:16 video", "1920x1080": "16:9 video" };
const COLOURS = ["primary", "highlight", "outline"];
const FIRST = { preset: "social", style: "karaoke", font: "Montserrat" };
const OWN_FONT = "Arial";
// As the worker has them: the size of Arial in pixels, how much larger and smaller letters of another
// font are so that their capitals are as high, and the columns of the presets' lines.
const SIZES = { "1080x1920": 76, "1920x1080": 54 };
const CAPITAL = 0.64, LEAST = 0.7, MOST = 1.6;
const COLUMNS = {
  "1080x1920": { social: 20, standard: 26, netflix: 26 },
  "1920x1080": { standard: 42, netflix: 42 },
};

function radios(fieldset, name, options, chosen) {
  const legend = fieldset.querySelector("legend");
  const labels = options.map(([value, text]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name, value, checked: value === chosen });
    const caption = document.createElement("span");
    caption.textContent = text;
    label.append(input, caption);
    return label;
  });
  fieldset.replaceChildren(legend, ...labels);
}

const chosenOf = (name) => document.querySelector(`#look input[name="${name}"]:checked`)?.value;

// The pickers. `changed` is called with true if the words move, so that new cues are needed, and with
// false if only colours changed.
export class Look {
  #styles = {}; #fonts = []; #own = new Set(); #capital = CAPITAL; #changed;

  constructor(changed) {
    this.#changed = changed;
    element("look").addEventListener("input", (event) => this.#on(event.target));
    element("look").addEventListener("submit", (event) => event.preventDefault());
    element("reset").addEventListener("click", () => {
      this.#own.clear();
      this.#showColours();
      this.#changed(true);
    });
  }

  // Show what this worker offers.
  async offer({ styles, presets, fonts, positions }) {
    this.#styles = styles;
    this.#fonts = fonts;
    const known = (labels, names) => Object.entries(labels).filter(([name]) => names.includes(name));
    const { preset = FIRST.preset, style = FIRST.style, resolution = "1080x1920" } = {
      preset: chosenOf("preset"), style: chosenOf("style"), resolution: chosenOf("resolution"),
    };
    radios(element("preset"), "preset", known(PRESETS, presets), preset);
    radios(element("style"), "style", known(STYLES, Object.keys(styles)), style);
    radios(element("resolution"), "resolution", Object.entries(FRAMES), resolution);
    fill(element("font"), [...fonts.map((name) => [name, name]), [OWN_FONT, "Arial (yours)"]],
      element("font").value || (fonts.includes(FIRST.font) ? FIRST.font : OWN_FONT));
    fill(element("position"), known(POSITIONS, positions), element("position").value || "bottom");
    this.#showColours();
    await this.#readFont();
  }

  async #readFont() {
    this.#capital = (await faceOf(this.font)).capital;
  }

  async #on(target) {
    if (target.type === "color") {
      this.#own.add(target.id);
      this.#changed(false);
      return;
    }
    if (target.name === "style") this.#showColours();
    if (target.id === "font") await this.#readFont();
    this.#changed(true);
  }

  // The colours of the style, where the person has not chosen others.
  #showColours() {
    const colours = this.#styles[this.style]?.colours;
    for (const part of COLOURS) {
      const picker = element(`${part}_colour`);
      if (colours && !this.#own.has(picker.id)) picker.value = colours[part].slice(0, 7).toLowerCase();
    }
  }

  get style() {
    return chosenOf("style") || FIRST.style;
  }

  get resolution() {
    return chosenOf("resolution") || "1080x1920";
  }

  // The values of the chosen style, with the colours of the person.
  get values() {
    const values = this.#styles[this.style];
    return { ...values, colours: this.coloured(values.colours) };
  }

  // The chosen font, in the form of the server's `captions`.
  get font() {
    const family = element("font").value;
    const url = this.#fonts.includes(family) ? `/fonts/${encodeURIComponent(family)}` : null;
    return { family, url, bold: this.style !== "clean", italic: false };
  }

  // colours: of captions. Returns them with those that the person chose.
  coloured(colours) {
    const own = {};
    for (const part of COLOURS) {
      const picker = element(`${part}_colour`);
      if (this.#own.has(picker.id)) own[part] = this.#withOpacity(part, picker.value);
    }
    return { ...colours, ...own };
  }

  // A picker has no opacity; a colour keeps that of its style.
  #withOpacity(part, value) {
    return value.toUpperCase() + (this.#styles[this.style].colours[part].slice(7) || "FF");
  }

  get preset() {
    return chosenOf("preset") || FIRST.preset;
  }

  // The size of the letters in a frame, pixels.
  size(resolution) {
    const asArial = Math.min(Math.max(CAPITAL / this.#capital, LEAST), MOST);
    return Math.round(SIZES[resolution] * asArial * this.#scale);
  }

  get #scale() {
    return element("size").value / 100;
  }

  // The `subtitles` of a request. Larger letters have shorter lines, so that all cues are alike.
  subtitles(resolution = this.resolution) {
    const asked = { preset: this.preset, style: this.style, resolution };
    if (this.#scale !== 1) {
      asked.size = this.size(resolution);
      const columns = COLUMNS[resolution][this.preset];
      if (columns && this.#scale > 1) asked.max_chars_per_line = Math.floor(columns / this.#scale);
    }
    if (this.font.url) Object.assign(asked, { font: this.font.family, embed_font: true });
    const position = element("position").value;
    if (position && position !== "bottom") asked.position = position;
    for (const id of this.#own) {
      const part = id.replace("_colour", "");
      const colour = this.#withOpacity(part, element(id).value);
      asked[id] = colour.endsWith("FF") ? colour.slice(0, 7) : colour;
    }
    return asked;
  }
}
