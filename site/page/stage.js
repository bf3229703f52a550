// The pictures on the wall: canvases of 224 x 224, on which the grey square is put by pointer or keys.
import { SIDE } from "./drawing.js";

const STEP = 8; // pixels that an arrow key moves the square
const JITTER = 4; // pixels on the screen that a click may slip without putting a square down

export class Work {
  constructor(figure) {
    this.figure = figure;
    this.frame = figure.querySelector(".frame");
    this.canvas = figure.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.piece = figure.querySelector(".piece");
    this.note = figure.querySelector(".note");
    this.pixels = new ImageData(SIDE, SIDE);
  }

  /** Show what was drawn into `pixels.data`. */
  paint() {
    this.context.putImageData(this.pixels, 0, 0);
    this.canvas.dataset.drawn = Number(this.canvas.dataset.drawn ?? 0) + 1;
  }

  label(piece, note, alt) {
    this.piece.textContent = piece;
    this.note.textContent = note;
    this.canvas.setAttribute("aria-label", alt);
    this.frame.setAttribute("aria-label", `${alt}. Arrow keys move the grey square.`);
  }

  save(name) {
    this.canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }

  /** `square()` is its side now, `at()` its place; `move([row, column])` is called on a new place. */
  onPlace({ square, at, move }) {
    const { frame, canvas } = this;
    const inside = (x) => Math.max(0, Math.min(SIDE, Math.round(x)));
    let from = null;
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      move([event.clientY - box.top, event.clientX - box.left].map((x) => inside((x / box.width) * SIDE)));
    };
    frame.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      if (event.pointerType !== "mouse" && !square()) return; // a finger scrolls the page
      from = event;
      frame.setPointerCapture(event.pointerId);
      if (square()) follow(event);
    });
    frame.addEventListener("pointermove", (event) => {
      if (!from) return;
      const slipped = Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY);
      if (square() || slipped > JITTER) follow(event);
    });
    for (const end of ["pointerup", "pointercancel"])
      frame.addEventListener(end, () => { from = null; });
    const steps = { ArrowUp: [-STEP, 0], ArrowDown: [STEP, 0], ArrowLeft: [0, -STEP], ArrowRight: [0, STEP] };
    frame.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(at().map((x, n) => inside(x + step[n])));
    });
  }
}
