// Captions of the script before it is spoken: its first words, a fixed time each, in the chosen look.

const WORD_MS = 340, PAUSE_MS = 300, WORDS = 24;
const LINE = { word: 1, social: 18 };
const LONG_LINE = 34;
const SENTENCE_END = /[.!?]$/;
const MARKS = /\[[^\]]*\]/g;

function grouped(words, preset) {
  const lines = [[]];
  for (const word of words) {
    const line = lines.at(-1);
    const long = [...line, word].join(" ").length > (LINE[preset] || LONG_LINE);
    const ended = SENTENCE_END.test(line.at(-1) || "");
    if (line.length && (long || ended)) lines.push([word]); else line.push(word);
  }
  return lines.filter((line) => line.length);
}

// The cues for a frame, in the form of the server's `captions`. size: of the letters, pixels.
export function sampleCues(text, preset, size) {
  const words = text.replace(MARKS, " ").split(/\s+/).filter(Boolean).slice(0, WORDS);
  let at = 0;
  return grouped(words, preset).map((line) => {
    const start_ms = at;
    const timed = line.map((word, index) => {
      const unit = { text: word, space: index ? " " : "", start_ms: at, end_ms: at + WORD_MS };
      at += WORD_MS;
      return unit;
    });
    at += PAUSE_MS;
    return { start_ms, end_ms: at, size, lines: [{ colour: null, words: timed }], second: null };
  });
}
