// The main thread's side of the engine: questions in, events out. README.md says which.

const KEPT = 64 << 20; // bytes of scores and maps that are kept

export class Engine {
  // data: the folder that Python wrote, relative to the page; report: called with each event.
  // index, a promise: what data/index.json says.
  constructor({ data = "data/", report }) {
    this._report = report;
    this._question = 0;
    this._asked = null;
    this._kept = new Map(); // scores and maps, the latest used last
    this._worker = new Worker(new URL(WORKER, import.meta.url), { type: "module" });
    this._worker.onmessage = ({ data: event }) => this._hear(event);
    this._worker.onerror = () =>
      this._fail("The part of the page that computes did not start; load the page again.");
    const folder = new URL(data, document.baseURI).href;
    this.index = fetchIndex(folder);
    this.index.then(
      (index) => {
        this._controls = index.controls;
        this._worker.postMessage({ kind: "load", data: folder, index });
      },
      (problem) => this._fail(problem.message),
    );
  }

  // Scores of an image, and maps. The newest question is answered, and no older one.
  ask({ pixels, label = null, methods = [], settings = {}, randomised = 0, key }) {
    const question = ++this._question;
    const seen = `${key} ${randomised}`;
    this._asked = { question, settings };
    const scores = this._kept.get(seen);
    let missing = methods;
    if (scores) {
      label ??= scores.indexOf(Math.max(...scores));
      this._report({ type: "scores", question, scores, label });
      missing = methods.filter((method) => {
        const map = this._take(this._nameOf(seen, label, method, settings));
        if (map) this._report({ type: "map", question, method, map, done: 1 });
        return !map;
      });
    }
    const kind = scores && !missing.length ? "stop" : "ask";
    const told = Boolean(scores);
    const asked = { pixels, label, methods: missing, settings, randomised, seen, told };
    this._worker.postMessage({ kind, question, ...(kind === "ask" && asked) });
    if (kind === "stop") this._report({ type: "idle", question });
    return question;
  }

  // A fooling image, a step at a time, until the network sees the target or something else is asked.
  fool({ pixels, target, randomised = 0 }) {
    const question = ++this._question;
    this._worker.postMessage({ kind: "fool", question, pixels, target, randomised });
    return question;
  }

  // Nothing more is wanted.
  stop() {
    this._worker.postMessage({ kind: "stop", question: ++this._question });
  }

  _hear({ seen, ...event }) {
    const current = event.question === undefined || event.question === this._question;
    if (event.type === "scores") this._keep(seen, event.scores);
    if (event.type === "map" && event.done === 1 && current) {
      const { settings } = this._asked;
      this._keep(this._nameOf(seen, event.label, event.method, settings), event.map);
    }
    if (current) this._report(event);
  }

  _fail(message) {
    this._report({ type: "failed", question: this._question, message });
  }

  // What a map depends on.
  _nameOf(seen, label, method, settings) {
    const chosen = Object.values(this._controls[method]).map((name) => settings[name]);
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
