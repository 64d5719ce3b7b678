// What the form asks the worker for.

const element = (id) => document.getElementById(id);

// Fill a select. options: [value, label]; the one that was chosen stays chosen if it is still there.
export function fill(select, options, chosen) {
  const before = chosen ?? select.value;
  select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  if (options.some(([value]) => value === before)) select.value = before;
}

const QUALITIES = { draft: "Draft - quickest", standard: "Standard", best: "Best - slowest" };

// Show what this worker offers. worker: the server's reply.
export function offer(worker) {
  const start = worker.default;
  const script = element("script");
  // A script that the person has written stays.
  script.value ||= start.text;
  fill(element("language"), worker.languages.map(({ code, name }) => [code, name]),
    element("language").value || start.language);
  fill(element("quality"), worker.qualities.map((name) => [name, QUALITIES[name] || name]),
    element("quality").value || start.quality);
  fill(element("format"), worker.audio_formats.map((name) => [name, name.toUpperCase()]),
    element("format").value || start.output_format);
}

// The `input` of a job that speaks the script. subtitles: the look of its captions.
export function speechInput(subtitles) {
  const input = {
    text: element("script").value,
    voice: element("voice").value || "default",
    language: element("language").value || "en",
    quality: element("quality").value || "best",
    output_format: element("format").value || "wav",
    timing_format: "all",
    subtitles,
  };
  const speed = element("speed").value;
  if (speed && Number(speed) !== 1) input.speed = Number(speed);
  return input;
}
