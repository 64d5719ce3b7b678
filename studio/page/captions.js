// Captions on a canvas, as libass burns the ASS file of the same style onto a video.
//
// All lengths are pixels of the video's frame; `paint` scales them to the canvas. libass sets a font
// so that the sum of its Windows ascent and descent, not its em, is the size of the style.

const COLUMNS = { left: 0, right: 2 };
const POP = 1.2, POP_FULL_MS = 40, POP_MS = 80;
const WORD_BOX_EM = 0.12;
const PROBE_PX = 1000;

// The index of the last item whose `start_ms` is not after `ms`; -1 before the first.
function lastStarted(items, ms) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start_ms <= ms) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// The cue that is on the screen at a time, or null.
export function cueAt(cues, ms) {
  const cue = cues[lastStarted(cues, ms)];
  return cue && ms < cue.end_ms ? cue : null;
}

function state(unit, ms) {
  if (unit.end_ms <= ms) return "past";
  return unit.start_ms <= ms ? "active" : "upcoming";
}

// `#RRGGBB` or `#RRGGBBAA` of a style is a colour of CSS as it is.
function colourOf(style, plain, when) {
  if (style.effect === "karaoke") return when === "past" ? style.highlight_colour : plain;
  if (when === "upcoming") return style.upcoming_colour || plain;
  if (when === "past") return style.past_colour || plain;
  return ["active", "pop", "underline"].includes(style.effect) ? style.highlight_colour : plain;
}

// Draws the captions of one frame. `family` is a font of the page that is loaded already; `metrics`
// has `ascent`, `descent`, `underline` and `thickness` as parts of the em, or is null for a font of the
// machine, which the canvas measures itself.
export class Painter {
  #style; #cues; #family; #metrics; #frame; #laid = new WeakMap();

  constructor({ resolution, style, cues }, family, metrics) {
    this.#frame = resolution;
    this.#style = style;
    this.#cues = cues;
    this.#family = family;
    this.#metrics = metrics;
  }

  // Paint the frame at `ms` over what the canvas shows. Returns the cue that is shown, or null.
  paint(context, ms) {
    const cue = cueAt(this.#cues, ms);
    if (!cue) return null;
    const [wide, high] = this.#frame;
    context.save();
    context.scale(context.canvas.width / wide, context.canvas.height / high);
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.lineJoin = "round";
    context.fontKerning = "none";
    this.#paintCue(context, this.#layOut(context, cue), ms);
    context.restore();
    return cue;
  }

  #paintCue(context, laid, ms) {
    const style = this.#style;
    const visible = laid.words.filter((word) => this.#isVisible(word, ms));
    if (style.box) this.#boxAround(context, laid);
    for (const word of visible) {
      if (style.effect === "box_word" && word.lights && state(word.unit, ms) === "active") {
        this.#wordBox(context, word);
      }
    }
    const layers = style.box ? [] : ["shadow", "outline"];
    for (const layer of [...layers, "letters"]) {
      for (const word of visible) this.#word(context, word, layer, ms);
    }
  }

  #isVisible(word, ms) {
    return this.#style.effect !== "reveal" || !word.lights || state(word.unit, ms) !== "upcoming";
  }

  // One box behind all lines; in ASS its width around the text is that of the shadow.
  #boxAround(context, { left, right, top, bottom }) {
    const around = this.#style.outline;
    context.fillStyle = this.#style.outline_colour;
    context.fillRect(
      left - around, top - around, right - left + 2 * around, bottom - top + 2 * around
    );
  }

  #wordBox(context, { x, width, baseline, font }) {
    const around = Math.max(1, Math.round(WORD_BOX_EM * this.#style.size));
    context.fillStyle = this.#style.highlight_colour;
    context.fillRect(
      x - around, baseline - font.ascent - around,
      width + 2 * around, font.ascent + font.descent + 2 * around
    );
  }

  #word(context, word, layer, ms) {
    const style = this.#style;
    context.save();
    this.#setFont(context, word.font);
    this.#grow(context, word, ms);
    context.translate(word.x, word.baseline);
    if (layer === "letters") {
      this.#letters(context, word, ms);
    } else if (layer === "outline" && style.outline) {
      context.strokeStyle = style.outline_colour;
      this.#stroke(context, word, ms);
    } else if (layer === "shadow" && style.shadow) {
      context.translate(style.shadow, style.shadow);
      context.fillStyle = context.strokeStyle = style.outline_colour;
      if (style.outline) this.#stroke(context, word, ms);
      context.fillText(word.text, 0, 0);
    }
    context.restore();
  }

  #stroke(context, word, ms) {
    context.lineWidth = 2 * this.#style.outline;
    context.strokeText(word.text, 0, 0);
    if (this.#isUnderlined(word, ms)) context.strokeRect(...this.#underline(word));
  }

  #letters(context, word, ms) {
    const style = this.#style;
    const when = word.lights ? state(word.unit, ms) : null;
    context.fillStyle = when ? colourOf(style, word.plain, when) : word.plain;
    context.fillText(word.text, 0, 0);
    if (this.#isUnderlined(word, ms)) context.fillRect(...this.#underline(word));
    if (style.effect === "karaoke" && when === "active") this.#fill(context, word, ms);
  }

  // The highlight colour moves from the left of the word to its right; in a line with words that run
  // from right to left it comes at once.
  #fill(context, { unit, text, width, turned }, ms) {
    const part = turned ? 1 : (ms - unit.start_ms) / (unit.end_ms - unit.start_ms);
    const tall = 2 * this.#style.size;
    context.beginPath();
    context.rect(turned ? -tall : 0, -tall, turned ? width + 2 * tall : width * part, 2 * tall);
    context.clip();
    context.fillStyle = this.#style.highlight_colour;
    context.fillText(text, 0, 0);
  }

  #isUnderlined(word, ms) {
    return this.#style.effect === "underline" && word.lights && state(word.unit, ms) === "active";
  }

  #underline({ width, font }) {
    return [0, font.underline, width, font.thickness];
  }

  // A word that pops is larger around the middle of its place for its first moments.
  #grow(context, word, ms) {
    const since = ms - word.unit.start_ms;
    if (this.#style.effect !== "pop" || !word.lights || since < 0) return;
    if (ms >= word.unit.end_ms || since >= POP_MS) return;
    const shrunk = Math.max(0, (since - POP_FULL_MS) / (POP_MS - POP_FULL_MS));
    const scale = POP + (1 - POP) * shrunk;
    const x = word.x + word.width / 2;
    const y = word.baseline + (word.font.descent - word.font.ascent) / 2;
    context.translate(x, y);
    context.scale(scale, scale);
    context.translate(-x, -y);
  }

  #setFont(context, font) {
    const style = this.#style;
    const weight = style.bold && !this.#metrics ? "bold" : "normal";
    context.font = `${style.italic ? "italic " : ""}${weight} ${font.px}px ${this.#family}`;
    context.letterSpacing = `${style.letter_spacing}px`;
  }

  // The lengths of the font at a size of the style.
  #fontAt(context, size) {
    let metrics = this.#metrics;
    if (!metrics) {
      this.#setFont(context, { px: PROBE_PX });
      const probe = context.measureText("x");
      metrics = {
        ascent: probe.fontBoundingBoxAscent / PROBE_PX,
        descent: probe.fontBoundingBoxDescent / PROBE_PX,
        underline: 0.1,
        thickness: 0.05,
      };
    }
    const px = size / (metrics.ascent + metrics.descent);
    const lengths = Object.entries(metrics).map(([name, part]) => [name, part * px]);
    return { px, ...Object.fromEntries(lengths) };
  }

  // Where each word of a cue stands; kept for the cue's other moments.
  #layOut(context, cue) {
    const known = this.#laid.get(cue);
    if (known) return known;
    const first = this.#fontAt(context, cue.size);
    const lines = cue.lines.map((line) => this.#measure(context, line, first));
    const laid = this.#place(lines);
    this.#laid.set(cue, laid);
    return laid;
  }

  #measure(context, { words, colour }, font) {
    this.#setFont(context, font);
    const space = context.measureText(" ").width;
    const turned = words.some((word) => word.rtl);
    let at = 0;
    const laid = words.map((unit, index) => {
      at += index && unit.space ? space : 0;
      const text = unit.rtl ? `\u202b${unit.text}\u202c` : unit.text;
      const width = context.measureText(text).width;
      const lights = unit.lights !== false;
      const word = { unit, text, x: at, width, font, plain: colour, lights, turned };
      at += width;
      return word;
    });
    return { words: laid, width: at, font };
  }

  #place(lines) {
    const [wide, high] = this.#frame;
    const { margins, position } = this.#style;
    const [row, side] = position.split("_");
    const column = COLUMNS[side] ?? 1;
    const tall = lines.reduce((sum, { font }) => sum + font.ascent + font.descent, 0);
    const top = {
      top: margins.vertical, middle: (high - tall) / 2, bottom: high - margins.vertical - tall,
    }[row];
    const room = wide - margins.left - margins.right;
    let y = top;
    for (const line of lines) {
      line.x = margins.left + (room - line.width) * column / 2;
      for (const word of line.words) {
        word.x += line.x;
        word.baseline = y + line.font.ascent;
      }
      y += line.font.ascent + line.font.descent;
    }
    return {
      words: lines.flatMap((line) => line.words),
      left: Math.min(...lines.map((line) => line.x)),
      right: Math.max(...lines.map((line) => line.x + line.width)),
      top,
      bottom: y,
    };
  }
}
