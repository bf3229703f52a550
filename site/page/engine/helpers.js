// Other workers that compute along: where many images are gone through, they take some of them.

const MOST = 3;

// How many: one processor is left to the page, one is this worker's; little memory is spared.
export function howMany({ hardwareConcurrency = 1, deviceMemory = 8 } = self.navigator) {
  return Math.max(0, Math.min(hardwareConcurrency - 2, deviceMemory < 4 ? 1 : MOST));
}

export class Helpers {
  // load: the message by which a worker loads the network.
  constructor(count, load) {
    this.free = [];
    for (let i = 0; i < count; i++) this._begin(load);
  }

  _begin(load) {
    const helper = new Worker(self.location.href, { type: "module" });
    helper.onmessage = ({ data: { kind, rows } }) => {
      if (kind === "free") this.free.push(helper);
      if (rows) helper.done(rows);
      if (kind === "failed") helper.fail(); // and is never free again
    };
    helper.postMessage({ ...load, kind: "help" });
  }

  // The rows that a free one computes of images.
  compute(task) {
    const helper = this.free.pop();
    return new Promise((done, fail) => {
      Object.assign(helper, { done, fail });
      helper.postMessage({ ...task, kind: "compute" }, [task.image.buffer]);
    });
  }
}
