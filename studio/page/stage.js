// The two frames in which the captions run.

import { Painter } from "./captions.js";
import { faceOf } from "./fonts.js";

const MAX_RATIO = 2;

// A canvas that shows the captions of one frame size.
//
// canvas: as large as the page lays it out. resolution: [width, height] of the video.
export class Stage {
  #canvas; #context; #painter = null; #captions = null; #ms = 0;

  constructor(canvas, resolution) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.resolution = resolution;
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  get name() {
    return this.resolution.join("x");
  }

  get captions() {
    return this.#captions;
  }

  // Show these captions from now on. captions: as of the server, or null for none.
  async show(captions) {
    const face = captions && (await faceOf(captions.font));
    this.#captions = captions;
    this.#painter = captions && new Painter(captions, face);
    this.draw(this.#ms);
  }

  // Change the colours of what is shown, at once. change: gets the colours and returns the new ones.
  recolour(change) {
    if (!this.#captions) return;
    const before = this.#captions.colours;
    const after = (this.#captions.colours = change(before));
    for (const line of this.#captions.cues.flatMap((cue) => cue.lines)) {
      if (line.colour === before.primary) line.colour = after.primary;
    }
    this.draw(this.#ms);
  }

  // Draw the moment `ms` of the speech.
  draw(ms) {
    this.#ms = ms;
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#painter?.paint(this.#context, ms);
  }

  #fit() {
    const ratio = Math.min(devicePixelRatio || 1, MAX_RATIO);
    const { clientWidth, clientHeight } = this.#canvas;
    if (!clientWidth) return;
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    this.draw(this.#ms);
  }
}
