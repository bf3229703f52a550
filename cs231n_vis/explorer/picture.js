// A picture that comes from the kernel as PNG. On the one that shows the image itself, the square is
// placed with the mouse or the arrow keys.
function render({ model, el }) {
  const figure = document.createElement("figure");
  figure.className = "cs231n-picture";
  const image = document.createElement("img");
  const caption = document.createElement("figcaption");
  figure.append(image, caption);
  el.append(figure);

  let shown = "";
  function draw() {
    const png = model.get("png");
    if (!png || !png.byteLength) return;
    const address = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    image.onload = () => {
      if (shown) URL.revokeObjectURL(shown);
      shown = address;
      image.dataset.drawn = Number(image.dataset.drawn || 0) + 1;
    };
    image.src = address;
  }
  function describe() {
    image.alt = model.get("alt");
    caption.textContent = model.get("caption");
  }
  model.on("change:png", draw);
  model.on("change:alt change:caption", describe);
  draw();
  describe();

  if (model.get("place")) {
    const size = 224;
    let next = null;
    figure.tabIndex = 0;
    figure.setAttribute("role", "application");
    figure.setAttribute("aria-label", "The image. Arrow keys move the grey square.");
    const move = (row, column) => {
      const inside = (x) => Math.max(0, Math.min(size, Math.round(x)));
      const waiting = next !== null;
      next = [inside(row), inside(column)];
      if (waiting) return;
      requestAnimationFrame(() => {
        model.set("at", next);
        model.save_changes();
        next = null;
      });
    };
    const follow = (event) => {
      const box = image.getBoundingClientRect();
      move(((event.clientY - box.top) / box.height) * size,
           ((event.clientX - box.left) / box.width) * size);
    };
    image.draggable = false;
    image.addEventListener("pointerdown", (event) => {
      image.setPointerCapture(event.pointerId);
      follow(event);
    });
    image.addEventListener("pointermove", (event) => {
      if (event.buttons) follow(event);
    });
    const steps = { ArrowUp: [-8, 0], ArrowDown: [8, 0], ArrowLeft: [0, -8], ArrowRight: [0, 8] };
    figure.addEventListener("keydown", (event) => {
      if (!(event.key in steps)) return;
      event.preventDefault();
      event.stopPropagation();
      const [row, column] = model.get("at");
      move(row + steps[event.key][0], column + steps[event.key][1]);
    });
  }

  model.on("msg:custom", (message) => {
    if (message.kind !== "save") return;
    const link = document.createElement("a");
    link.href = shown;
    link.download = message.name;
    link.click();
  });
  return () => shown && URL.revokeObjectURL(shown);
}
export default { render };
