// Errors of the worker at the field that they are about.

const ELEMENTS = {
  text: "script", gen_text: "script", name: "voice_name", output_format: "format", response_format: "format",
};
const OF_CODE = { voice_not_found: "voice", unreadable_voice: "voice", voice_rejected: "choose" };
const FIELD = /^([a-z_]+(?:\.[a-z_]+)?):? /;

function elementOf(sentence) {
  const field = FIELD.exec(sentence)?.[1];
  if (!field) return null;
  const name = field.replace(/^subtitles\./, "");
  return document.getElementById(ELEMENTS[name] || name);
}

function put(element, sentence) {
  const note = document.createElement("p");
  note.className = "problem at-field";
  note.id = `${element.id}-problem`;
  note.textContent = sentence;
  const place = element.closest(".field, fieldset") || element;
  place.append(note);
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", note.id);
}

// Take all errors off the page.
export function clear() {
  for (const note of document.querySelectorAll(".at-field")) note.remove();
  for (const element of document.querySelectorAll("[aria-invalid]")) {
    element.removeAttribute("aria-invalid");
    element.removeAttribute("aria-describedby");
  }
  const general = document.getElementById("problem");
  general.hidden = true;
  general.textContent = "";
}

// Show an error: each sentence that names a field stands at the field, which gets the focus; the
// others stand under the button. at: the element of an error that names no field.
export function show(refused, at = null) {
  clear();
  const first = (refused.details || []).length ? refused.details : [refused.message];
  const left = [];
  let wrong = null;
  for (const sentence of first) {
    const named = elementOf(sentence) || document.getElementById(OF_CODE[refused.code] || "") || at;
    if (named) {
      put(named, sentence);
      wrong ||= named;
    } else {
      left.push(sentence);
    }
  }
  const general = document.getElementById("problem");
  general.textContent = left.join(" ") || "The worker did not take this; see the marked field.";
  general.hidden = false;
  wrong?.focus();
}
