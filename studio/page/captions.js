// Captions on a canvas, as libass burns the ASS file of the same style onto a video.
//
// The data are the reply of the server's `captions`. All lengths are pixels of the video's frame;
// `paint` scales them to the canvas. libass sets a font so that the sum of its Windows ascent and
// descent, and not its em, is the size of the style.

const PROBE_PX = 1000;
const HEAVY = 800, REGULAR = 400;
// Letters that no font of the worker has. libass takes a font of the machine for them, and makes that
// one's own ascent and descent the size of the style; these are those of Noto Sans CJK.
const EAST_ASIAN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;
const EAST_ASIAN_FACE = { ascent: 1.16, descent: 0.288 };
const SIDES = { left: 0, center: 1, right: 2 };

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

function stateOf(unit, ms) {
  if (unit.end_ms <= ms) return "past";
  return unit.start_ms <= ms ? "active" : "upcoming";
}

// The width of words in a line. The gap before the first one is not seen.
function widthOf(words) {
  return words.reduce((sum, word, index) => sum + word.width + (index ? word.gap : 0), 0);
}

// A line that is too wide breaks at spaces; words move down while that makes its parts more alike.
function broken(words, room) {
  const lines = [[]];
  for (const word of words) {
    const line = lines.at(-1);
    if (line.length && word.gap && widthOf([...line, word]) > room) lines.push([word]);
    else line.push(word);
  }
  for (let moved = true; moved;) {
    moved = false;
    for (let at = 0; at + 1 < lines.length; at += 1) {
      const cut = lines[at].findLastIndex((word, index) => index && word.gap);
      if (cut < 1) continue;
      const shorter = lines[at].slice(0, cut);
      const longer = [...lines[at].slice(cut), ...lines[at + 1]];
      const before = Math.abs(widthOf(lines[at]) - widthOf(lines[at + 1]));
      if (Math.abs(widthOf(shorter) - widthOf(longer)) >= before) continue;
      lines.splice(at, 2, shorter, longer);
      moved = true;
    }
  }
  return lines;
}

// Draws the captions of one frame.
//
// captions: the reply. Its colours may change between two calls of `paint`.
// face: of `faceOf` in fonts.js.
export class Painter {
  #captions; #face; #laid = new WeakMap();

  constructor(captions, face) {
    this.#captions = captions;
    this.#face = face;
  }

  // Paint what is seen at `ms` over the canvas as it is. Returns the cue, or null where there is none.
  paint(context, ms) {
    const { cues, width, height } = this.#captions;
    const cue = cueAt(cues, ms);
    if (!cue) return null;
    context.save();
    context.scale(context.canvas.width / width, context.canvas.height / height);
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.lineJoin = "round";
    context.fontKerning = "none";
    this.#paintCue(context, this.#layOut(context, cue), ms);
    context.restore();
    return cue;
  }

  #paintCue(context, laid, ms) {
    const { effect, box } = this.#captions;
    const visible = laid.words.filter(
      (word) => effect !== "reveal" || !word.unit || stateOf(word.unit, ms) !== "upcoming"
    );
    if (box) this.#boxBehind(context, laid);
    for (const word of visible) {
      if (effect === "box_word" && this.#isActive(word, ms)) this.#boxAround(context, word);
    }
    const layers = box ? ["letters"] : ["shadow", "outline", "letters"];
    for (const layer of layers) {
      for (const word of visible) this.#paintWord(context, word, layer, ms);
    }
  }

  #isActive(word, ms) {
    return word.unit !== null && stateOf(word.unit, ms) === "active";
  }

  #boxBehind(context, { left, right, top, bottom }) {
    const { outline, colours } = this.#captions;
    context.fillStyle = colours.outline;
    context.fillRect(
      left - outline, top - outline, right - left + 2 * outline, bottom - top + 2 * outline
    );
  }

  #boxAround(context, { x, width, baseline, font }) {
    const around = this.#captions.word_box_outline;
    context.fillStyle = this.#captions.colours.highlight;
    context.fillRect(
      x - around, baseline - font.ascent - around,
      width + 2 * around, font.ascent + font.descent + 2 * around
    );
  }

  #paintWord(context, word, layer, ms) {
    const { outline, shadow, colours } = this.#captions;
    context.save();
    this.#setFont(context, word.font.px);
    context.direction = word.direction;
    this.#grow(context, word, ms);
    context.translate(word.x, word.baseline);
    if (layer === "letters") {
      this.#letters(context, word, ms);
    } else if (layer === "outline" && outline) {
      context.strokeStyle = colours.outline;
      this.#stroke(context, word, ms);
    } else if (layer === "shadow" && shadow) {
      context.translate(shadow, shadow);
      context.fillStyle = context.strokeStyle = colours.outline;
      if (outline) this.#stroke(context, word, ms);
      context.fillText(word.text, 0, 0);
    }
    context.restore();
  }

  #stroke(context, word, ms) {
    context.lineWidth = 2 * this.#captions.outline;
    context.strokeText(word.text, 0, 0);
    if (this.#isUnderlined(word, ms)) context.strokeRect(...this.#lineUnder(word));
  }

  #letters(context, word, ms) {
    context.fillStyle = this.#colourOf(word, ms);
    context.fillText(word.text, 0, 0);
    if (this.#isUnderlined(word, ms)) context.fillRect(...this.#lineUnder(word));
    if (this.#captions.effect === "karaoke" && this.#isActive(word, ms)) {
      this.#sweep(context, word, ms);
    }
  }

  #colourOf({ unit, line }, ms) {
    const { effect, colours } = this.#captions;
    const own = line?.colour || colours.primary;
    if (!unit) return own;
    const when = stateOf(unit, ms);
    if (effect === "karaoke") return when === "past" ? colours.highlight : own;
    if (effect === "none" || (effect === "reveal" && when === "upcoming")) return own;
    if (when !== "active") return colours[when] || own;
    return ["active", "pop", "underline"].includes(effect) ? colours.highlight : own;
  }

  // The highlight colour moves over the ink of the word from its left to its right, or comes at once.
  #sweep(context, { unit, text, sweeps, font }, ms) {
    const tall = 2 * font.px;
    const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = context.measureText(text);
    const part = sweeps ? (ms - unit.start_ms) / (unit.end_ms - unit.start_ms) : 1;
    context.beginPath();
    context.rect(-left, -tall, (left + right) * part, 2 * tall);
    context.clip();
    context.fillStyle = this.#captions.colours.highlight;
    context.fillText(text, 0, 0);
  }

  #isUnderlined(word, ms) {
    return this.#captions.effect === "underline" && this.#isActive(word, ms);
  }

  #lineUnder({ width, font }) {
    const thickness = this.#face.thickness * font.px;
    return [0, this.#face.underline * font.px - thickness / 2, width, thickness];
  }

  // A word that pops is larger around the middle of its place for its first moments.
  #grow(context, word, ms) {
    const { effect, pop } = this.#captions;
    if (effect !== "pop" || !this.#isActive(word, ms)) return;
    const since = ms - word.unit.start_ms;
    if (since >= pop.ms) return;
    const shrunk = Math.max(0, (since - pop.full_ms) / (pop.ms - pop.full_ms));
    const scale = pop.scale + (1 - pop.scale) * shrunk;
    const x = word.x + word.width / 2;
    const y = word.baseline + (word.font.descent - word.font.ascent) / 2;
    context.translate(x, y);
    context.scale(scale, scale);
    context.translate(-x, -y);
  }

  #setFont(context, px) {
    const { font, letter_spacing } = this.#captions;
    const weight = font.bold ? HEAVY : REGULAR;
    context.font = `${font.italic ? "italic " : ""}${weight} ${px}px ${this.#face.family}`;
    context.letterSpacing = `${letter_spacing}px`;
  }

  // The lengths of the font of a text at a size of the style. A font of the machine is measured here.
  #fontOf(context, size, text = "") {
    let { ascent: up, descent: down } = EAST_ASIAN.test(text) ? EAST_ASIAN_FACE : this.#face;
    if (up === undefined) {
      this.#setFont(context, PROBE_PX);
      const probe = context.measureText("x");
      up = probe.fontBoundingBoxAscent / PROBE_PX;
      down = probe.fontBoundingBoxDescent / PROBE_PX;
    }
    const px = size / (up + down);
    return { px, ascent: up * px, descent: down * px };
  }

  // Where each word of a cue stands; kept for the cue's other moments.
  #layOut(context, cue) {
    const known = this.#laid.get(cue);
    if (known) return known;
    const { width, margins, effect } = this.#captions;
    // Lines with words that pop are not broken.
    const room = effect === "pop" ? Infinity : width - margins.left - margins.right;
    const first = cue.lines.flatMap(
      (line) => broken(this.#measureLine(context, line, cue.size, cue.sweeps), room)
    );
    const second = this.#measureSecond(context, cue.second);
    const laid = this.#place(cue.second?.over ? [...second, ...first] : [...first, ...second]);
    this.#laid.set(cue, laid);
    return laid;
  }

  #measureLine(context, line, size, sweeps = true) {
    this.#setFont(context, this.#fontOf(context, size).px);
    const space = context.measureText(" ").width;
    return line.words.map((unit, index) => {
      const { text, rtl } = unit;
      const font = this.#fontOf(context, size, text);
      this.#setFont(context, font.px);
      const { width } = context.measureText(text);
      const direction = rtl ? "rtl" : "ltr";
      const gap = index && unit.space ? space : 0;
      return { unit, text, gap, width, font, line, sweeps, direction };
    });
  }

  #measureSecond(context, second) {
    if (!second) return [];
    return second.lines.map((text) => {
      const font = this.#fontOf(context, second.size, text);
      this.#setFont(context, font.px);
      const { width } = context.measureText(text);
      const direction = second.rtl ? "rtl" : "ltr";
      return [{ unit: null, text, gap: 0, width, font, direction }];
    });
  }

  // The lines stand on each other without a gap, at the margins of the frame.
  #place(lines) {
    const { width, height, margins, position } = this.#captions;
    const room = width - margins.left - margins.right;
    const most = (line, part) => Math.max(...line.map(({ font }) => font[part]));
    const tall = lines.reduce((sum, line) => sum + most(line, "ascent") + most(line, "descent"), 0);
    const top = {
      top: margins.vertical,
      middle: (height - tall) / 2,
      bottom: height - margins.vertical - tall,
    }[position.vertical];
    let y = top;
    for (const line of lines) {
      const ascent = most(line, "ascent");
      let x = margins.left + (room - widthOf(line)) * SIDES[position.horizontal] / 2;
      line.forEach((word, index) => {
        word.x = x + (index ? word.gap : 0);
        word.baseline = y + ascent;
        x = word.x + word.width;
      });
      y += ascent + most(line, "descent");
    }
    const words = lines.flat();
    return {
      words,
      left: Math.min(...words.map((word) => word.x)),
      right: Math.max(...words.map((word) => word.x + word.width)),
      top,
      bottom: y,
    };
  }
}
