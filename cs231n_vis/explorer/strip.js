// The sample images as a row of small pictures, one of which is chosen, and a place for a photo of
// one's own: by a button, or dropped anywhere on the row.
const LARGEST = 6_000_000; // bytes that go through the kernel's connection as they are
const SIDE = 2048; // pixels; larger photos are made smaller here

function render({ model, el }) {
  const row = document.createElement("div");
  row.className = "cs231n-strip";
  row.setAttribute("role", "radiogroup");
  row.setAttribute("aria-label", "Image");
  el.append(row);

  // ipywidgets gives its sliders no name that a screen reader could say, and notebooks take arrow
  // keys for themselves (left goes to the heading above) unless they are told not to
  function open_to_the_keyboard() {
    const controls = "button, input, select, textarea, [tabindex]";
    for (const control of document.querySelectorAll(`.cs231n-explorer :is(${controls})`))
      control.dataset.lmSuppressShortcuts = "true";
    for (const slider of document.querySelectorAll(".cs231n-explorer .widget-slider")) {
      const handle = slider.querySelector("[role=slider]");
      const label = slider.querySelector(".widget-label");
      if (handle && label && !handle.ariaLabel) handle.ariaLabel = label.textContent;
    }
  }
  const watcher = new MutationObserver(open_to_the_keyboard);
  watcher.observe(document.body, { childList: true, subtree: true });

  const buttons = model.get("names").map((name, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", name);
    button.title = name;
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(
      new Blob([model.get("thumbnails")[number]], { type: "image/jpeg" }));
    button.append(image);
    button.onclick = () => choose(number);
    row.append(button);
    return button;
  });
  // a message, as a photo is one: a changed trait waits until the kernel is free, and so would come
  // after a photo that was given later
  function choose(number) {
    model.set("chosen", number);
    model.send({ kind: "choose", number });
  }
  row.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const now = Math.max(model.get("chosen"), 0);
    const number = (now + step + buttons.length) % buttons.length;
    choose(number);
    buttons[number].focus();
  });
  function mark() {
    const chosen = model.get("chosen");
    buttons.forEach((button, number) => {
      button.setAttribute("aria-checked", number === chosen);
      button.tabIndex = number === Math.max(chosen, 0) ? 0 : -1;
    });
  }
  model.on("change:chosen", mark);
  mark();

  const label = document.createElement("label");
  label.className = "cs231n-upload";
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  const words = document.createElement("span");
  words.textContent = "Your photo…";
  label.append(input, words);
  row.append(label);
  input.onchange = () => {
    if (input.files.length) send(input.files[0]);
    input.value = "";
  };
  row.addEventListener("dragover", (event) => {
    event.preventDefault();
    row.classList.add("cs231n-over");
  });
  row.addEventListener("dragleave", () => row.classList.remove("cs231n-over"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    row.classList.remove("cs231n-over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });

  async function send(file) {
    let content = file;
    if (file.size > LARGEST) {
      try {
        content = await smaller(file);
      } catch {
        model.send({ kind: "unreadable", name: file.name });
        return;
      }
    }
    model.send({ kind: "photo", name: file.name }, undefined, [await content.arrayBuffer()]);
  }
  async function smaller(file) {
    const whole = await createImageBitmap(file); // upright, whatever the camera's orientation
    const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
    const canvas = new OffscreenCanvas(whole.width * scale, whole.height * scale);
    canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  }

  model.on("msg:custom", async (message) => {
    if (message.kind === "copy") {
      try {
        await navigator.clipboard.writeText(message.text);
      } catch {
        // the browser does not allow it here: the lines are shown, to be copied by hand
      }
    }
  });
  return () => watcher.disconnect();
}
export default { render };
