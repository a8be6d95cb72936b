// The page: built of the schema, one element of the entry each.
const $ = id => document.getElementById(id);
const say = (text, values = {}) => S.texts[text].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const idOf = at => ["f", ...at].join("-");
let state = blank(), touched = new Set(), all = false, serial = 0;
const now = new Date();
const TODAY = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, "0")).join("-");

function el(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...inside.filter(i => i !== null && i !== undefined));
  return element;
}
const note = id => el("p", {id: `${id}-note`, class: "note"});
const touch = id => { touched.add(id); refresh(); };

/** A field with its label, its control and the place of its message. */
function labelled(id, title, control, hint) {
  return el("div", {class: "field", id: `${id}-field`}, el("label", {for: id}, capital(title)),
    hint ? el("span", {class: "hint", id: `${id}-hint`}, hint) : null, control, note(id));
}
const described = (id, hint) => `${hint ? `${id}-hint ` : ""}${id}-note`;

/** A field of the entry, or of a drug: `get` and `set` reach its value. */
function fieldOf(field, id, get, set) {
  const change = value => { set(value); refresh(); };
  const leave = () => touch(id), title = field.title;
  if (field.kind === "words") return wordsField(field, id, get, change);
  if (field.kind === "choice" || field.kind === "word") {
    const value = get() || "", options = field.options.map(o => el("option", {value: o.word}, o.label));
    const known = field.options.find(o => o.word.toLowerCase() === value.toLowerCase());
    if (value && !known) options.push(el("option", {value}, value));
    const select = el("select", {id, "aria-describedby": `${id}-note`, onblur: leave,
      onchange: e => { change(e.target.value); leave(); }}, el("option", {value: ""}, say("unknown")), ...options);
    select.value = known ? known.word : value;
    return labelled(id, title, select);
  }
  if (field.kind === "day") {
    const value = get() || "", plain = value && !isDay(value);
    return labelled(id, title, el("input", {id, type: plain ? "text" : "date", value, min: "1800-01-01",
      max: "2099-12-31", autocomplete: "off", "aria-describedby": `${id}-note`,
      oninput: e => change(e.target.value), onblur: leave}), plain ? say("day-form") : null);
  }
  if (field.kind === "number") {
    const hint = say("range", lowHigh(field));
    return labelled(id, title, el("input", {id, inputmode: "decimal", autocomplete: "off", value: get() || "",
      "aria-describedby": described(id, hint), oninput: e => change(e.target.value), onblur: leave}), hint);
  }
  return quantityField(field, id, get, change, leave);
}

function quantityField(field, id, get, change, leave) {
  const value = get() || "", mark = field.undetected && value.startsWith("<") ? "<" : "";
  const units = [...field.units, ...field.unused];
  const read = quantityOf(mark ? levelText(value) : value, units);
  const number = el("input", {id, inputmode: "decimal", autocomplete: "off",
    value: read ? mark + read.text : value, "aria-describedby": `${id}-note`, onblur: leave, oninput: () => write()});
  const unit = el("select", {id: `${id}-unit`, "aria-label": say("unit-of", {field: field.title}),
    "aria-describedby": `${id}-note`, onblur: leave, onchange: () => { write(); leave(); }},
  el("option", {value: ""}, say("unit-choose")), ...units.map(u => el("option", {value: u}, u)));
  unit.value = read ? read.unit : "";
  const write = () => change([number.value.trim(), number.value.trim() ? unit.value : ""].filter(Boolean).join(" "));
  return labelled(id, field.title, el("span", {class: "pair"}, number, unit));
}

function wordsField(field, id, get, change) {
  const mark = marks(field), chosen = () => wordsOf(get(), mark);
  const known = field.options.map(o => o.word), extra = chosen().filter(w => !known.includes(w));
  const toggle = (word, on) => {
    const words = chosen().filter(w => w !== word);
    change([...words, ...(on ? [word] : [])].join(mark));
    tell();
    touch(id);
  };
  const many = field.options.length > 20, picked = el("p", {class: "picked"});
  const tell = () => {
    picked.textContent = many ? chosen().map(w => field.options.find(o => o.word === w)?.label || w).join(" · ") : "";
  };
  tell();
  const boxes = [...field.options, ...extra.map(word => ({word, label: word}))].map((o, n) =>
    el("label", {class: "tick", for: `${id}-${n}`}, el("input", {type: "checkbox", id: `${id}-${n}`, value: o.word,
      checked: chosen().includes(o.word), onchange: e => toggle(o.word, e.target.checked)}), el("span", {}, o.label)));
  const box = el("div", {class: many ? "ticks tall" : "ticks"}, ...boxes);
  const search = many ? el("input", {type: "search", "aria-label": `${say("search")}: ${field.title}`,
    placeholder: say("search"), oninput: e => {
      const wanted = fold(e.target.value);
      for (const b of boxes) b.hidden = Boolean(wanted) && !fold(b.textContent).includes(wanted) && !b.firstChild.checked;
    }}) : null;
  if (many) { box.tabIndex = 0; box.setAttribute("role", "group"); box.setAttribute("aria-label", field.title); }
  return el("fieldset", {class: "field wide", id, tabindex: "-1", "aria-describedby": `${id}-note`},
    el("legend", {}, capital(field.title)), picked, search, box, note(id));
}

function drugsField(field) {
  const id = idOf([field.name]), list = state.lists[field.name];
  const rows = el("div", {class: "rows"});
  const draw = () => rows.replaceChildren(...list.rows.map((row, n) => drugRow(field, row, n, draw)));
  draw();
  const none = el("input", {type: "checkbox", id: `${id}-none`, checked: list.none, "aria-describedby": `${id}-note`,
    onchange: e => { list.none = e.target.checked; touch(id); }});
  const add = el("button", {type: "button", class: "add", onclick: () => {
    list.rows.push({name: "", values: {}});
    draw(); refresh();
    $(idOf([field.name, list.rows.length - 1, "name"])).focus();
  }}, `+ ${field.add}`);
  return el("fieldset", {class: "field wide list", id, tabindex: "-1"}, el("legend", {}, capital(field.title)),
    rows, el("div", {class: "foot"}, add, el("label", {class: "tick", for: none.id}, none, el("span", {}, field.none))), note(id));
}

function drugRow(field, row, number, draw) {
  const at = key => idOf([field.name, number, key]), list = state.lists[field.name];
  const name = el("input", {id: at("name"), list: "drug-names", autocomplete: "off", spellcheck: "false", value: row.name,
    "aria-describedby": `${at("name")}-note`, oninput: e => { row.name = e.target.value; refresh(); },
    onblur: () => touch(at("name"))});
  const remove = el("button", {type: "button", class: "remove", onclick: () => {
    list.rows.splice(number, 1);
    touched = new Set([...touched].filter(t => !t.startsWith(`${idOf([field.name])}-`)));
    draw(); refresh();
    $(idOf([field.name])).querySelector(".add").focus();
  }}, say("remove"), el("span", {class: "unseen"}, ` ${say("drug-number", {list: field.title, number: number + 1})}`));
  const keys = field.keys.map(key => [key, fieldOf(key, at(key.name), () => row.values[key.name], value => {
    if (value) row.values[key.name] = value; else delete row.values[key.name];
  })]);
  const first = keys.slice(0, keys.length > 8 ? 2 : keys.length), more = keys.slice(first.length);
  const open = more.some(([key]) => given(row.values[key.name]));
  return el("fieldset", {class: "drug"},
    el("legend", {}, say("drug-number", {list: capital(field.title), number: number + 1})),
    el("div", {class: "grid"}, labelled(at("name"), say("drug-name"), name), ...first.map(([, e]) => e)),
    more.length ? el("details", {open}, el("summary", {}, say("details")), el("div", {class: "grid"}, ...more.map(([, e]) => e))) : null,
    remove);
}

// What the page says of the entry
function refresh() {
  const wrong = check(state, TODAY), shown = new Map();
  for (const fault of wrong) {
    const id = idOf(fault.at);
    if ((all || touched.has(id)) && !shown.has(id)) shown.set(id, say(fault.text, fault.values));
  }
  for (const place of document.querySelectorAll(".note")) {
    const id = place.id.slice(0, -5), text = shown.get(id);
    const mild = text ? "" : remark(id);
    if (place.textContent !== (text || mild)) place.textContent = text || mild;
    place.classList.toggle("wrong", Boolean(text));
    const control = $(id);
    for (const part of control ? [control, $(`${id}-unit`)].filter(Boolean) : [])
      if (part.tagName !== "FIELDSET") text ? part.setAttribute("aria-invalid", "true") : part.removeAttribute("aria-invalid");
  }
  let filled = 0, possible = 0;
  for (const group of S.groups) {
    const done = group.fields.filter(f => f.kind === "drugs"
      ? state.lists[f.name].none || state.lists[f.name].rows.some(used) : given(state.cells[f.name])).length;
    filled += done; possible += group.fields.length;
    $(`count-${group.name}`).textContent = `${done}/${group.fields.length}`;
  }
  $("filled").textContent = say("count-filled", {number: filled, all: possible});
  const open = wrong.filter(f => all || touched.has(idOf(f.at)));
  $("faults").textContent = open.length ? say("count-correct", {number: open.length}) : say("count-none");
  $("faults").className = open.length ? "wrong" : "";
  if (all) summary(wrong);
  return wrong;
}

/** What is no fault: what a name means, or that it is not known. */
function remark(id) {
  const match = /^f-(.+)-(\d+)-(.+)$/.exec(id), row = match && state.lists[match[1]]?.rows[Number(match[2])];
  if (!row) return "";
  if (match[3] === "name") {
    const name = given(row.name), said = name ? drugOf(name) : {wrong: true};
    if (said.wrong) return "";
    if (said.drug && ALSO.has(fold(name)))
      return `= ${[S.drugs.shown[said.drug], ...ALSO.get(fold(name))].join(" + ")}`;
    if (said.drug) return fold(S.drugs.shown[said.drug]) === fold(name) ? "" : `= ${S.drugs.shown[said.drug]}`;
    return say("drug-unlisted") + (said.near ? ` ${say("drug-like", {name: said.near})}` : "");
  }
  const key = fields[match[1]].keys.find(k => k.name === match[3]);
  return key?.unused?.length && quantityOf(row.values[match[3]] || "", key.unused) ? say("single-dose") : "";
}

function nameOf(at) {
  const [column, row, key] = at, field = fields[column];
  if (!field) return $("f-sample").labels[0].textContent;
  if (key === undefined) return capital(field.title);
  const drug = given(state.lists[column].rows[row].name) || say("drug-number", {list: field.title, number: row + 1});
  return `${drug}, ${key === "name" ? say("drug-name") : field.keys.find(k => k.name === key)?.title || key}`;
}
function summary(wrong) {
  const box = $("summary");
  box.hidden = !wrong.length;
  box.replaceChildren(...(wrong.length ? [el("h2", {}, say("to-correct")), el("ul", {}, ...wrong.map(fault => el("li", {},
    el("a", {href: `#${idOf(fault.at)}`, onclick: e => { e.preventDefault(); show(idOf(fault.at)); }},
      `${nameOf(fault.at)}: ${say(fault.text, fault.values)}`))))] : []));
}
function show(id) {
  const control = $(id);
  control.closest("details")?.setAttribute("open", "");
  control.scrollIntoView({block: "center"});
  control.focus();
}
function tell(...parts) { $("told").replaceChildren(...parts); }

function build() {
  all = false; touched = new Set();
  $("summary").hidden = true;
  $("f-sample").value = state.sample;
  for (const group of S.groups) $(`group-${group.name}`).replaceChildren(...group.fields.map(f => f.kind === "drugs"
    ? drugsField(f) : fieldOf(f, idOf([f.name]), () => state.cells[f.name], value => {
      if (value) state.cells[f.name] = value; else delete state.cells[f.name];
    })));
  refresh();
}

function save() {
  all = true;
  const wrong = refresh();
  if (wrong.length) {
    $("summary").scrollIntoView({block: "start"});
    $("summary").focus();
    return null;
  }
  const text = `${JSON.stringify(packetOf(state, TODAY), null, 1)}\n`, name = `${given(state.sample)}.json`;
  const address = URL.createObjectURL(new Blob([text], {type: "application/json"}));
  el("a", {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  tell(el("p", {}, say("saved", {name})));
  return text;
}

/** Fill the form with the text of a packet. */
function open(text, name) {
  let read = null;
  try { read = stateOf(JSON.parse(text)); } catch { read = null; }
  if (!read) { tell(el("p", {class: "wrong"}, say("unreadable"))); return false; }
  state = read.state;
  build();
  all = true;
  refresh();
  const listed = (text, items) => items.length ? [el("p", {}, say(text)), el("ul", {}, ...items.map(i => el("li", {}, i)))] : [];
  tell(el("p", {}, say("read", {name})), ...listed("not-taken", read.notes.lost), ...listed("kept", read.notes.kept));
  return true;
}

$("drug-names").append(...S.drugs.names.map(([value, drug]) => el("option", {value},
  fold(value) === fold(S.drugs.shown[drug]) ? "" : S.drugs.shown[drug])));
$("f-sample").addEventListener("input", e => { state.sample = e.target.value; refresh(); });
$("f-sample").addEventListener("blur", () => touch("f-sample"));
$("save").addEventListener("click", save);
$("clear").addEventListener("click", () => {
  if (!confirm(say("clear-sure"))) return;
  state = blank(); state.cells.entry_date = TODAY; tell(); build();
});
$("file").addEventListener("change", async e => {
  const [file] = e.target.files;
  if (file) open(await file.text(), file.name);
  e.target.value = "";
});
$("open").addEventListener("click", () => $("file").click());
state.cells.entry_date = TODAY;
build();
window.entryForm = {check, cellsOf, fromCells, packetOf, stateOf, drugOf, open, save, current: () => state};
