"use strict";
const audio = document.getElementById("audio");
const script = document.getElementById("script");
const words = [...script.querySelectorAll("span")];
const starts = words.map((word) => Number(word.dataset.start));
const ends = words.map((word) => Number(word.dataset.end));
const sources = [audio.dataset.link, audio.dataset.beside];
let lit = null;
let stop_ms = Infinity;

// Take the next source after the one before has failed. A link may expire while it is played.
function load() {
  if (!sources.length) {
    document.getElementById("silent").hidden = false;
    return;
  }
  const at = audio.currentTime;
  const playing = !audio.paused;
  audio.src = sources.shift();
  audio.currentTime = at;
  if (playing) play();
}

// The `error` event reports a failure; the promise would report it a second time.
function play() {
  audio.play().catch(() => {});
}

// The index of the last word that has started; -1 before the first. Binary search.
function last_started(ms) {
  let low = 0, high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= ms) low = middle + 1; else high = middle;
  }
  return low - 1;
}

function show() {
  // After a click on a word the position may be a fraction of a millisecond before its start.
  const ms = audio.currentTime * 1000 + 0.5;
  const index = last_started(ms);
  const word = index >= 0 && ms < ends[index] ? words[index] : null;
  if (word !== lit) {
    if (lit) lit.classList.remove("lit");
    if (word) word.classList.add("lit");
    if (word && !audio.paused) word.scrollIntoView({ block: "nearest" });
    lit = word;
  }
  document.getElementById("now").value = `${audio.currentTime.toFixed(3)} s`;
  if (ms >= stop_ms) audio.pause();
}

function follow() {
  show();
  if (!audio.paused) requestAnimationFrame(follow);
}

audio.addEventListener("error", load);
audio.addEventListener("play", follow);
audio.addEventListener("pause", () => { stop_ms = Infinity; });
audio.addEventListener("seeked", show);
audio.addEventListener("timeupdate", show);

script.addEventListener("click", (event) => {
  const index = words.indexOf(event.target.closest("span"));
  if (index < 0) return;
  stop_ms = document.getElementById("alone").checked ? ends[index] : Infinity;
  audio.currentTime = starts[index] / 1000;
  play();
});

document.getElementById("speed").addEventListener("change", (event) => {
  audio.defaultPlaybackRate = audio.playbackRate = Number(event.target.value);
});

load();
