// The main thread's side of the engine: questions in, events out. README.md says which.

const KEPT = 64 << 20; // bytes of scores and maps that are kept

export class Engine {
  // data: the folder that Python wrote, relative to the page; report: called with each event;
  // backend: "wasm", "webgpu" or "webgl" and nothing else, or "best"; helpers: how many workers
  // compute along, if not as many as fit the machine. index, a promise: what data/index.json says.
  constructor({ data = "data/", report, backend = "best", helpers }) {
    this._report = report;
    this._question = 0;
    this._message = null; // the newest question, until it is answered
    this._settings = {}; // of the newest question
    this._kept = new Map(); // scores and maps, the latest used last
    this._folder = new URL(data, document.baseURI).href;
    this._helpers = helpers;
    this._wantsGraphics = backend === "best";
    this._better = null; // a worker with a graphics processor, until it can take over
    this.index = fetchIndex(this._folder);
    this._worker = this._begin((event) => this._hear(event));
    this.index.then(
      () => this._load(backend === "best" ? "wasm" : backend),
      (problem) => {
        this._missing = problem.message;
        this._fail();
      },
    );
  }

  // Scores of an image, and maps. The newest question is answered, and no older one.
  ask({ pixels, label = null, methods = [], settings = {}, randomised = 0, key }) {
    const question = ++this._question;
    const seen = `${key} ${randomised}`;
    const scores = this._take(seen);
    this._settings = settings;
    let missing = methods;
    if (scores) {
      label ??= scores.indexOf(Math.max(...scores));
      this._report({ type: "scores", question, scores, label });
      missing = methods.filter((method) => {
        const map = this._take(this._nameOf(seen, label, method));
        if (map) this._report({ type: "map", question, method, label, map, done: 1 });
        return !map;
      });
      if (!missing.length) {
        this._post({ kind: "stop", question });
        this._report({ type: "idle", question });
        return question;
      }
    }
    const asked = { pixels, label, methods: missing, settings, randomised, seen };
    this._post({ kind: "ask", question, ...asked, told: Boolean(scores) });
    return question;
  }

  // A fooling image, a step at a time, until the network sees the target or something else is asked.
  fool({ pixels, target, randomised = 0 }) {
    const question = ++this._question;
    this._post({ kind: "fool", question, pixels, target, randomised });
    return question;
  }

  // Nothing more is wanted.
  stop() {
    this._post({ kind: "stop", question: ++this._question });
  }

  _begin(hear) {
    const worker = new Worker(new URL(WORKER, import.meta.url), { type: "module" });
    worker.onmessage = ({ data: event }) => hear(event);
    worker.onerror = () => hear({ type: "failed", question: this._question, message: NO_WORKER });
    return worker;
  }

  async _load(backend) {
    this._controls = (await this.index).controls;
    const load = { kind: "load", data: this._folder, index: await this.index, backend };
    this._worker.postMessage({ ...load, helpers: this._helpers });
  }

  _post(message) {
    if (this._missing) return this._fail();
    this._message = message.kind === "stop" ? null : message;
    this._worker.postMessage(message);
    this._takeOver();
  }

  _hear({ seen, milliseconds, broken, ...event }) {
    const current = event.question === undefined || event.question === this._question;
    if (event.type === "scores") this._keep(seen, event.scores);
    if (!current) return;
    if (broken && this._graphics) return this._goBack();
    if (event.type === "map" && event.done === 1) {
      this._keep(this._nameOf(seen, event.label, event.method), event.map);
    }
    if (event.type === "ready") event.milliseconds = milliseconds;
    this._report(event);
    if (event.type !== "idle") return;
    const answered = this._message;
    this._message = null;
    this._takeOver();
    if (this._wantsGraphics && answered) this._tryGraphics(answered, milliseconds);
  }

  // Let another worker try whether there is a graphics processor, with what was answered last.
  _tryGraphics({ kind, seen, pixels, label, methods, randomised }, milliseconds) {
    if (kind !== "ask" || randomised || methods.join() !== "saliency") return;
    const scores = this._take(seen);
    label ??= scores.indexOf(Math.max(...scores));
    const map = this._take(this._nameOf(seen, label, "saliency"));
    if (!map) return;
    this._wantsGraphics = false;
    const worker = this._begin((event) => {
      if (event.type !== "ready") return;
      this._better = [worker, event];
      this._takeOver();
    });
    this.index.then((index) => {
      const tried = { pixels, label, map, milliseconds };
      worker.postMessage({ kind: "graphics", data: this._folder, index, ...tried });
    });
  }

  // Between two questions, go over to the graphics processor.
  _takeOver() {
    if (!this._better || this._message) return;
    this._worker.terminate();
    const [worker, ready] = this._better;
    this._better = null;
    this._graphics = true;
    this._worker = worker;
    worker.onmessage = ({ data: event }) => this._hear(event);
    this._report(ready);
  }

  // The graphics processor has failed: do without.
  _goBack() {
    this._worker.terminate();
    this._graphics = false;
    this._worker = this._begin((event) => this._hear(event));
    this._load("wasm");
    if (this._message) this._worker.postMessage(this._message);
  }

  _fail() {
    this._report({ type: "failed", question: this._question, message: this._missing });
  }

  // What a map depends on.
  _nameOf(seen, label, method) {
    const chosen = Object.values(this._controls[method]).map((name) => this._settings[name]);
    return JSON.stringify([seen, label, method, chosen]);
  }

  _take(name) {
    const array = this._kept.get(name);
    if (array) this._keep(name, array);
    return array;
  }

  _keep(name, array) {
    this._kept.delete(name);
    this._kept.set(name, array);
    let bytes = 0;
    for (const each of this._kept.values()) bytes += each.byteLength;
    for (const [oldest, each] of this._kept) {
      if (bytes <= KEPT) break;
      this._kept.delete(oldest);
      bytes -= each.byteLength;
    }
  }
}

const NO_WORKER = "The part of the page that computes did not start; load the page again.";

async function fetchIndex(folder) {
  try {
    const answer = await fetch(new URL("index.json", folder));
    if (!answer.ok) throw new Error();
    return await answer.json();
  } catch {
    throw new Error(
      "What this page is made of, data/index.json, did not arrive; load the page again.",
    );
  }
}
