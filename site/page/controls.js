// The page's controls: each is an element and a way to show a value.
let number = 0;
const fresh = () => `c${number++}`;

/** An element; attributes that are functions listen to events. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function slider({ label, min, max, step, decimals }, set) {
  const id = fresh();
  const input = el("input", { type: "range", id, min, max, step,
    input: () => { show(Number(input.value)); set(Number(input.value)); } });
  const output = el("output", { for: id });
  function show(value) {
    input.value = value;
    output.textContent = value.toFixed(decimals);
    input.style.setProperty("--at", (value - min) / (max - min));
  }
  const element = el("div", { class: "slider" }, el("label", { for: id }, label), output, input);
  return { element, show };
}

export function menu({ label, options }, set, kind = "menu") {
  const id = fresh();
  const select = el("select", { id, change: () => set(options[select.selectedIndex][1]) },
    ...options.map(([words]) => el("option", {}, words)));
  const show = (value) => { select.selectedIndex = options.findIndex(([, v]) => v === value); };
  const element = el("div", { class: kind }, el("label", { for: id }, label), select);
  return { element, show, select };
}

/** Buttons of which one is chosen; arrow keys go from one to the next. */
export function radios(group, buttons, set) {
  const show = (chosen) => buttons.forEach((button, n) => {
    button.setAttribute("aria-checked", n === chosen);
    button.tabIndex = n === Math.max(chosen, 0) ? 0 : -1;
  });
  buttons.forEach((button, n) => {
    button.type = "button";
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => set(n));
  });
  group.addEventListener("keydown", (event) => {
    const seen = buttons.filter((button) => !button.hidden);
    const now = seen.indexOf(document.activeElement);
    const next = along(event, now, seen.length);
    if (next === null || now < 0) return;
    event.preventDefault();
    seen[next].focus();
    set(buttons.indexOf(seen[next]));
  });
  group.append(...buttons);
  show(0);
  return { show };
}

function along(event, now, count) {
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (step) return (now + step + count) % count;
  return { Home: 0, End: count - 1 }[event.key] ?? null;
}

export function tabs(list, panels, parts) {
  const buttons = parts.map(({ title, id }) => el("button", { type: "button", role: "tab",
    id: `tab-${id}`, "aria-controls": `panel-${id}`, click: () => show(id) }, title));
  const boxes = parts.map(({ id, content }) => el("div", { role: "tabpanel", id: `panel-${id}`,
    "aria-labelledby": `tab-${id}` }, ...content));
  function show(id) {
    parts.forEach((part, n) => {
      buttons[n].setAttribute("aria-selected", part.id === id);
      buttons[n].tabIndex = part.id === id ? 0 : -1;
      boxes[n].hidden = part.id !== id;
    });
  }
  list.addEventListener("keydown", (event) => {
    const next = along(event, buttons.indexOf(document.activeElement), buttons.length);
    if (next === null) return;
    event.preventDefault();
    buttons[next].focus();
    show(parts[next].id);
  });
  list.append(...buttons);
  panels.append(...boxes);
  show(parts[0].id);
  return { show };
}

const LISTED = 40;

/** A text in which a class is found by a part of its name. */
export function classSearch(label, classes, set) {
  const id = fresh(), list = `${id}-list`;
  let found = [], active = -1;
  const input = el("input", { id, type: "text", role: "combobox", autocomplete: "off",
    spellcheck: "false", placeholder: `any of ${classes.length} classes`, "aria-expanded": "false",
    "aria-controls": list, "aria-autocomplete": "list",
    input: open, focus: () => { input.select(); open(); }, click: open, blur: close, keydown });
  const box = el("ul", { id: list, role: "listbox", "aria-label": label, hidden: true,
    mousedown: (event) => event.preventDefault() });
  const element = el("div", { class: "search" }, el("label", { for: id }, label), input, box);
  let shown = "";

  function open() {
    const typed = input.value.trim();
    found = typed && typed !== shown ? matching(typed, classes) : classes.map((_, n) => n);
    const items = found.slice(0, LISTED).map((n, place) => el("li", { role: "option",
      id: `${id}-${place}`, click: () => choose(n) }, classes[n]));
    const more = found.length - items.length;
    if (!found.length) items.push(el("li", { class: "more" }, `No class is called “${typed}”.`));
    if (more > 0) items.push(el("li", { class: "more" }, `${more} more: type a part of the name`));
    box.replaceChildren(...items);
    box.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(typed && typed !== shown && found.length ? 0 : -1);
  }
  function close() {
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = shown;
  }
  function mark(place) {
    active = place;
    [...box.children].forEach((item, n) => item.setAttribute("aria-selected", n === place));
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `${id}-${place}`);
      box.children[place].scrollIntoView({ block: "nearest" });
    }
  }
  function choose(n) {
    close();
    set(n);
  }
  function keydown(event) {
    const count = Math.min(found.length, LISTED);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (box.hidden) open();
      else if (count) mark((Math.max(active, step > 0 ? -1 : 0) + step + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!box.hidden && active >= 0) choose(found[active]);
    } else if (event.key === "Escape" && !box.hidden) {
      event.stopPropagation();
      close();
    }
  }
  return { element, show: (text) => { shown = text; if (box.hidden) input.value = text; } };
}

/** As cs231n_vis/names.py: whole names, else names with these whole words, else parts of names. */
export function matching(asked, classes) {
  const wanted = asked.trim().toLowerCase(), names = classes.map((name) => name.toLowerCase());
  const words = (name) => ` ${name.replace(/[^\p{L}\p{N}'-]+/gu, " ").trim()} `;
  const rules = [(name) => name === wanted, (name) => words(name).includes(` ${wanted} `),
    (name) => name.includes(wanted)];
  const of = (rule) => names.flatMap((name, n) => (rule(name) ? [n] : []));
  return wanted ? [...new Set(rules.flatMap(of))] : [];
}
