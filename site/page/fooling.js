// The fooling image, made live: the photograph is changed a little, step after step, until the
// network takes it for another class.
import { SIDE } from "./drawing.js";
import { classSearch, el } from "./controls.js";

const LOUDER = 20; // times that the change is shown
const WIDE = 300, HIGH = 96; // of the chart

export class Fooling {
  constructor(page) {
    this.page = page;
    this.shown = this.running = false;
    this.target = 948; // Granny Smith
    const { classes } = page.index;
    this.search = classSearch("It shall see", classes, (n) => {
      this.target = n;
      this.search.show(classes[n]);
      if (this.shown) this.end();
    });
    this.search.show(classes[this.target]);
    this.start = el("button", { type: "button", class: "solid", id: "fool", click: () => (this.running ? this.stop() : this.begin()) }, "Start");
    this.leaveButton = el("button", { type: "button", class: "plain", hidden: true, click: () => this.end() }, "Back to the maps");
    this.chart = el("div", { class: "chart" });
    this.sentence = el("p", { class: "fine" });
    this.element = el("div", { class: "fool" },
      el("p", { class: "fine" }, "Each step moves the photograph a little up the gradient of another class’s score, until the network sees that class. ",
        el("cite", {}, "Szegedy et al., “Intriguing properties of neural networks” (2014)")),
      this.search.element, el("div", { class: "row" }, this.start, this.leaveButton), this.chart, this.sentence);
  }

  begin() {
    const { engine, pixels, randomised, index, say, showBoth } = this.page;
    this.before = pixels();
    if (!this.before) return;
    this.steps = [];
    this.shown = this.running = true;
    this.question = engine.fool({ pixels: this.before.slice(), target: this.target, randomised: randomised() });
    this.start.textContent = "Stop";
    this.leaveButton.hidden = false;
    this.sentence.textContent = this.chart.textContent = "";
    document.querySelector(".works").classList.add("fooling");
    showBoth();
    say(`Fooling it into ${index.classes[this.target]} …`);
  }

  /** Stop where it stands. */
  stop() {
    this.page.engine.stop();
    this.idle();
    this.page.say("");
  }

  idle() {
    this.running = false;
    this.start.textContent = "Start";
  }

  /** Go back to the maps, if a change in the page has not already asked for them. */
  end() {
    this.leave();
    this.page.back();
  }

  leave() {
    if (!this.shown) return;
    this.page.engine.stop();
    this.idle();
    this.shown = false;
    this.leaveButton.hidden = true;
    this.chart.textContent = this.sentence.textContent = "";
    document.querySelector(".works").classList.remove("fooling");
  }

  hear(event) {
    if (event.question !== this.question || !this.shown) return;
    const { index, works, announce, showScores } = this.page, { classes } = index;
    const sees = event.scores.indexOf(Math.max(...event.scores));
    if (!this.steps.length) this.from = sees;
    this.steps.push([event.scores[this.target], event.scores[this.from]]);
    const [photograph, change] = works;
    photograph.pixels.data.set(event.pixels);
    photograph.paint();
    photograph.label(`Step ${event.step}`, `the network sees ${classes[sees]}`, `The changed photograph, step ${event.step}`);
    let largest = 0;
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const difference = event.pixels[4 * pixel + channel] - this.before[3 * pixel + channel];
        largest = Math.max(largest, Math.abs(difference));
        change.pixels.data[4 * pixel + channel] = 128 + LOUDER * difference;
      }
      change.pixels.data[4 * pixel + 3] = 255;
    }
    change.paint();
    change.figure.classList.remove("waits");
    change.label("The change", `${LOUDER} times as strong, on grey`, "What was added to the photograph");
    showScores(event.scores, this.from);
    this.draw();
    const level = `no colour moved by more than ${largest} of 255 levels`;
    if (event.fooled) {
      this.idle();
      this.sentence.textContent = `After ${event.step} ${event.step === 1 ? "step" : "steps"} the network sees ${classes[this.target]}; ${level}.`;
      announce(this.sentence.textContent);
    } else this.sentence.textContent = `Step ${event.step}: it sees ${classes[sees]}; ${level}.`;
  }

  /** Two scores, step by step. */
  draw() {
    const all = this.steps.flat(), low = Math.min(...all), high = Math.max(...all);
    const x = (n) => (n / Math.max(this.steps.length - 1, 8)) * WIDE;
    const y = (score) => HIGH - 4 - ((score - low) / (high - low || 1)) * (HIGH - 8);
    const line = (which) => this.steps.map((scores, n) => `${x(n).toFixed(1)},${y(scores[which]).toFixed(1)}`).join(" ");
    const { classes } = this.page.index, now = this.steps.at(-1);
    this.chart.innerHTML = `<svg viewBox="0 0 ${WIDE} ${HIGH}" preserveAspectRatio="none" aria-hidden="true">
      <polyline class="from" points="${line(1)}"/><polyline class="target" points="${line(0)}"/></svg>`;
    this.chart.append(el("p", {}, el("span", { class: "target" }, `${classes[this.target]}: ${now[0].toFixed(1)}`),
      el("span", { class: "from" }, `${classes[this.from]}: ${now[1].toFixed(1)}`)));
  }
}
