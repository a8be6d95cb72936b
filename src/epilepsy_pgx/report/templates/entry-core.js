// The entry, its checks and its packet. Nothing here touches the page.
const fields = Object.fromEntries(S.groups.flatMap(g => g.fields).map(f => [f.name, f]));
const lists = Object.values(fields).filter(f => f.kind === "drugs");
const whole = pattern => new RegExp(`^(?:${pattern})$`);
const FORMS = {sample: whole(S.forms.sample), number: whole(S.forms.number), day: whole(S.forms.day)};
const PARTS = {level: "total", free_level: "free", metabolite_level: "metabolite"};
const SEIZURE = {id: "HP:0001250", label: "Seizure"};
const UNSET = "1970-01-01";

const blank = () => ({
  sample: "", cells: {}, kept: {},
  lists: Object.fromEntries(lists.map(f => [f.name, {none: false, rows: []}])),
});
const given = value => (value || "").trim();
const marks = field => field.name === "reaction" ? "+" : "|";
const wordsOf = (value, mark) => [...new Set(given(value).split(mark)
  .map(w => w.trim().toLowerCase().replace(/[ -]/g, "_")).filter(Boolean))];
const answers = (state, column) => wordsOf(state.cells[column], "|");

// Drugs
const MARKS = /[®™©]|\((?:r|tm)\)/gi;
const fold = text => text.replace(MARKS, "").normalize("NFKD").replace(/\p{Cf}|\p{Mn}/gu, "")
  .replace(/_/g, " ").toLowerCase().replace(/ß/g, "ss").split(/\s+/).filter(Boolean).join(" ");
const NAMES = new Map(S.drugs.names.map(([name, drug]) => [fold(name), drug]));
const ALSO = new Map(S.drugs.also.map(([name, parts]) => [fold(name), parts]));
const LONGEST = Math.max(...[...NAMES.keys()].map(n => n.split(" ").length));
const BESIDE = new Set(S.drugs.beside), REFUSED = new Set(S.drugs.refused);
const JOINS = new Set(S.drugs.joins);
const ENDS = /^[ .,:;*!'"`´’“”]+|[ .,:;*!'"`´’“”]+$/g;
const SEPARATORS = /[[\]|,;+&/\n\r\v\f、•，；＋＆／\ue000-\uf8ff?]/;
const DOSE = /^[0-9]+(?:[.,][0-9]+)?(?:[-x×/][0-9]+(?:[.,][0-9]+)?)*(.*)$/;

/** What a name means: {drug}, {} if no table knows it, {wrong} if it is not one name alone. */
function drugOf(name) {
  const key = fold(name);
  if (NAMES.has(key)) return {drug: NAMES.get(key)};
  if (!key || REFUSED.has(key) || SEPARATORS.test(name)) return {wrong: true};
  const words = key.split(/[\s()_:=]+/).map(w => w.replace(ENDS, "")).filter(Boolean);
  const found = new Set(), unread = [];
  while (words.length) {
    let size = Math.min(LONGEST, words.length);
    while (size > 1 && !NAMES.has(words.slice(0, size).join(" "))) size--;
    if (size > 1) { found.add(NAMES.get(words.splice(0, size).join(" "))); continue; }
    const word = words.shift(), dose = DOSE.exec(word);
    if (BESIDE.has(word) || (dose && (!dose[1] || BESIDE.has(dose[1])))) continue;
    if (JOINS.has(word)) return {wrong: true};
    if (NAMES.has(word)) found.add(NAMES.get(word));
    else if (/-/.test(word.replace(/^-+|-+$/g, ""))) words.unshift(...word.split("-").filter(Boolean));
    else if (word.split(/[^\p{L}\p{N}]+/u).filter(p => p && p !== word).some(p => NAMES.has(p)))
      return {wrong: true};
    else unread.push(word);
  }
  if (unread.some(w => (REFUSED.has(w) && !BESIDE.has(w)))) return {wrong: true};
  if (found.size === 1 && !unread.length) return {drug: [...found][0]};
  if (found.size || !unread.some(w => /\p{L}/u.test(w))) return {wrong: true};
  return nearest(unread.join(" "));
}

/** An unknown name, with the known one that it is like or holds. */
function nearest(text) {
  const names = [...NAMES.keys()];
  const inside = names.filter(n => n.length > 5 && text.includes(n));
  const longest = inside.filter(n => !inside.some(o => o !== n && o.includes(n)));
  if (new Set(longest.map(n => NAMES.get(n))).size > 1) return {wrong: true};
  for (let i = 3; i < text.length - 2; i++)
    if (NAMES.has(text.slice(0, i)) && NAMES.has(text.slice(i))) return {wrong: true};
  if (longest.length) return {near: longest[0]};
  const pairs = t => { const s = new Map();
    for (let i = 0; i < t.length - 1; i++) s.set(t.slice(i, i + 2), 1 + (s.get(t.slice(i, i + 2)) || 0));
    return s; };
  const mine = pairs(text);
  let best = 0.6, near;
  for (const name of text.length > 3 ? names : []) {
    let common = 0;
    for (const [pair, n] of pairs(name)) common += Math.min(n, mine.get(pair) || 0);
    const alike = 2 * common / (text.length + name.length - 2);
    if (alike > best) [best, near] = [alike, name];
  }
  return near ? {near} : {};
}

// Numbers, units and days
const unitKey = text => text.normalize("NFKC").toLowerCase().replace(/μ/g, "u").replace(/\s+/g, "");
const SPELLED = new Map(Object.entries(S.units).flatMap(([unit, u]) =>
  [unit, ...u.spellings].map(s => [unitKey(s), unit])));
const QUANTITY = /^([0-9]+(?:\.[0-9]+|,[0-9]{1,2})?)\s*([^\s0-9.,+-].*)$/;
function quantityOf(text, units) {
  const match = QUANTITY.exec(given(text)), unit = match && SPELLED.get(unitKey(match[2]));
  if (!unit || !units.includes(unit)) return null;
  return {text: match[1].replace(",", "."), unit};
}
const levelText = text => given(text).replace(/^</, "");
function isDay(text) {
  if (!FORMS.day.test(text)) return false;
  const [y, m, d] = text.split("-").map(Number), day = new Date(Date.UTC(y, m - 1, d));
  return day.getUTCMonth() === m - 1 && day.getUTCDate() === d;
}
/** A number that JSON keeps as it was written; null if it has more digits than that. */
const exact = text => text.length <= 15 && FORMS.number.test(text) ? Number(text) : null;
const lowHigh = field => ({low: field.limits[0], high: field.limits[1]});

// Checks
/** What is wrong with one value: [text, values of its placeholders] or null. */
function wrongIn(field, value) {
  const text = given(value);
  if (!text) return null;
  const number = field.undetected ? levelText(text) : text;
  switch (field.kind) {
    case "choice": return field.options.some(o => o.word.toLowerCase() === text.toLowerCase())
      ? null : ["wrong-word", {word: text}];
    case "day": return isDay(text) ? null : ["wrong-day", {}];
    case "number": {
      const fits = FORMS.number.test(text) && Number(text) >= field.limits[0] && Number(text) <= field.limits[1];
      return fits ? null : ["wrong-number", lowHigh(field)];
    }
    case "quantity": {
      if (quantityOf(text, field.unused)) return null;
      const read = quantityOf(number, field.units);
      if (!read) return ["wrong-unit", {}];
      const {factor} = S.units[read.unit], base = Number(read.text) * factor;
      const shown = n => Number((n / factor).toPrecision(4));
      const [low, high] = field.limits;
      return base >= low && base <= high ? null
        : ["wrong-range", {low: shown(low), high: shown(high), unit: read.unit}];
    }
    default: {
      const known = new Map(field.options.map(o => [o.word, o])), words = wordsOf(text, marks(field));
      const other = words.find(w => !known.has(w));
      if (other !== undefined || !words.length) return ["wrong-word", {word: other ?? text}];
      const alone = words.find(w => known.get(w).alone);
      return words.length > 1 && alone ? ["wrong-alone", {word: known.get(alone).label}] : null;
    }
  }
}

/** Everything that is wrong: [{at: [column, row, key], text, values}]. */
function check(state, today) {
  const found = [], cell = column => given(state.cells[column]);
  const add = (at, text, values = {}) => found.push({at, text, values});
  if (!FORMS.sample.test(given(state.sample))) add(["sample"], "wrong-sample");
  for (const [column, value] of Object.entries(state.cells)) {
    const wrong = fields[column] && wrongIn(fields[column], value);
    if (wrong) add([column], ...wrong);
  }
  const entered = cell("entry_date"), last = !entered ? today : isDay(entered) ? entered : null;
  const late = day => last && isDay(given(day)) && given(day) > last;
  for (const field of Object.values(fields))
    if (field.kind === "day" && field.name !== "entry_date" && late(state.cells[field.name]))
      add([field.name], "wrong-after");
  for (const [one, word, other, answer] of S.exclusive)
    if (cell(one).toLowerCase() === word && cell(other).toLowerCase() === answer)
      add([other], "wrong-pair", {field: fields[one].title});
  const age = cell("age_years"), onset = cell("onset_months");
  if (FORMS.number.test(age) && FORMS.number.test(onset) && Number(onset) > (Number(age) + 1) * 12)
    add(["onset_months"], "wrong-onset");
  for (const field of lists) checkList(field, state, late, add);
  return found;
}

const used = row => given(row.name) || Object.values(row.values).some(given);
function checkList(field, state, late, add) {
  const {none, rows} = state.lists[field.name];
  if (none && rows.some(used)) add([field.name], "wrong-none");
  const taken = new Set(state.lists.current_drugs.rows.map(r => drugOf(r.name).drug).filter(Boolean));
  rows.forEach((row, number) => {
    if (!used(row)) return;
    const at = key => [field.name, number, key], said = drugOf(given(row.name));
    if (said.wrong) add(at("name"), "wrong-drug");
    if (field.name === "planned_drugs" && taken.has(said.drug)) add(at("name"), "wrong-planned");
    const start = given(row.values.start);
    for (const [name, value] of Object.entries(row.values)) {
      const key = field.keys.find(k => k.name === name), text = given(value);
      if (!text) continue;
      if (!key) { add(at("name"), "wrong-key", {word: name}); continue; }
      const wrong = /[[\];]/.test(text) ? ["wrong-text", {}] : wrongIn(key, text);
      if (wrong) add(at(name), ...wrong);
      else if (late(text) && key.kind === "day") add(at(name), "wrong-after");
      else if (key.kind === "day" && isDay(start) && text < start) add(at(name), "wrong-order");
    }
    const levels = Object.keys(PARTS).some(part => given(row.values[part]));
    const lone = ["level_date", "level_hours"].find(k => given(row.values[k]));
    if (lone && !levels) add(at(lone), "wrong-level");
  });
}

// Cells, as they stand in the sample sheet
function cellsOf(state) {
  const cells = {};
  for (const [column, value] of Object.entries(state.cells))
    if (given(value)) cells[column] = [given(value)];
  for (const {name} of lists) {
    const {none, rows} = state.lists[name], said = rows.filter(used).map(row => {
      const values = Object.entries(row.values).filter(([, v]) => given(v));
      const inside = values.map(([key, v]) => `${key}=${given(v)}`).join(";");
      return given(row.name) + (inside ? `[${inside}]` : "");
    });
    if (none) said.unshift(S.nothing);
    if (said.length) cells[name] = said;
  }
  return cells;
}

function fromCells(sample, cells) {
  const state = blank();
  state.sample = sample;
  for (const [column, said] of Object.entries(cells)) {
    if (!state.lists[column]) { state.cells[column] = said.join("|"); continue; }
    const items = said.flatMap(s => s.match(/(?:[^|[]|\[[^\]]*\]?)+/g) || []);
    for (const item of items.map(given).filter(Boolean)) {
      if (fold(item) === S.nothing) { state.lists[column].none = true; continue; }
      const [, name, inside] = /^([^[]*)(?:\[(.*?)\]?)?$/s.exec(item), values = {};
      for (const pair of (inside || "").split(";").filter(given)) {
        const [key, ...rest] = pair.split("=");
        values[key.trim()] = rest.join("=").trim();
      }
      state.lists[column].rows.push({name: name.trim(), values});
    }
  }
  return state;
}

// The packet
const moment = day => ({timestamp: `${day}T00:00:00Z`});
const own = (name, label) => ({id: S.prefix + name, label});
const short = number => String(Number(Number(number).toFixed(2)));
function ageText(years) {
  const months = Math.round(Number(years) * 1200) / 100;
  return Number.isInteger(months) ? `P${Math.floor(months / 12)}Y${months % 12}M` : `P${short(years)}Y`;
}
const clean = value => JSON.parse(JSON.stringify(value));
const optionsOf = (field, value) => {
  const words = wordsOf(value, marks(field));
  return (field.options || []).filter(o => words.includes(o.word));
};

/** The elements that say the entry in terms and in cells. */
function elementsOf(state) {
  const made = {phenotypicFeatures: [], diseases: [], measurements: [], medicalActions: []};
  const cell = column => given(state.cells[column]), types = answers(state, "seizure_types");
  const onset = FORMS.number.test(cell("onset_months")) ? `P${short(cell("onset_months"))}M` : null;
  if (cell("affected").toLowerCase() === "yes")
    made.phenotypicFeatures.push({type: SEIZURE, ...(onset && {onset: {age: {iso8601duration: onset}}})});
  else if (cell("affected").toLowerCase() === "no" && !types.length)
    made.phenotypicFeatures.push({type: SEIZURE, excluded: true});
  for (const field of Object.values(fields))
    for (const option of field.kind.startsWith("word") ? optionsOf(field, state.cells[field.name]) : []) {
      if (option.feature) made.phenotypicFeatures.push({type: termOf(option.feature)});
      if (option.disease) made.diseases.push({term: termOf(option.disease)});
      if (option.procedure) made.medicalActions.push(
        {procedure: {code: own(`${field.name}.${option.word}`, option.procedure)}});
    }
  const organ = cell("transplant").toLowerCase();
  if (organ && organ !== S.nothing) made.medicalActions.push(
    {procedure: {code: own(`transplant.${organ}`, `${organ.replace("_", " ")} transplant`)}});
  for (const number of S.numbers) {
    const value = exact(cell(number.column));
    if (!number.written || value === null) continue;
    const [label, unit] = number.written;
    made.measurements.push({assay: {id: number.codes[0], label},
      value: {quantity: {unit: {id: `UCUM:${unit}`, label: unit}, value}}});
  }
  for (const row of state.lists.current_drugs.rows.filter(used)) {
    made.medicalActions.push(takenAction(row));
    made.measurements.push(...levelsOf(row, state));
  }
  for (const row of state.lists.failed_drugs.rows.filter(used)) made.medicalActions.push(endedAction(row));
  for (const [column, said] of Object.entries(cellsOf(state)))
    for (const text of said) made.measurements.push({assay: own(column, fields[column].title),
      description: text, value: {ontologyClass: own("cell", "as entered in the form")}});
  return clean(made);
}

const termOf = ([id, label]) => ({id, label});
function agentOf(row) {
  if (ALSO.has(fold(given(row.name)))) return own("drug", given(row.name));
  const {drug} = drugOf(given(row.name)), code = drug && S.drugs.atc[drug];
  return code ? {id: `ATC:${code}`, label: drug} : own(drug ? `drug.${drug}`.replace(/ /g, "_") : "drug", drug || given(row.name));
}
function doseOf(field, text) {
  const read = quantityOf(text, [...field.units, ...field.unused]), value = read && exact(read.text);
  if (value === null || !read) return {};
  return {quantity: {unit: {id: `UCUM:${S.units[read.unit].ucum}`, label: read.unit}, value}};
}
const keyOf = (list, name) => fields[list].keys.find(k => k.name === name);
function takenAction(row) {
  const {start, dose, route, reaction} = row.values, agent = agentOf(row);
  const interval = {...doseOf(keyOf("current_drugs", "dose"), dose),
    ...(given(start) && {interval: {start: moment(given(start)).timestamp}})};
  const way = given(route) && optionsOf(keyOf("current_drugs", "route"), route)[0];
  const events = optionsOf(keyOf("current_drugs", "reaction"), reaction).filter(o => o.feature);
  return {treatment: {agent,
    ...(way && {routeOfAdministration: own(`route.${way.word}`, way.label)}),
    ...(Object.keys(interval).length && {doseIntervals: [interval]})},
  ...(events.length && {adverseEvents: events.map(o => termOf(o.feature))})};
}
function endedAction(row) {
  const {start, stop, highest_dose: dose, reason} = row.values, why = (given(reason) || "unknown").toLowerCase();
  const interval = {...doseOf(keyOf("failed_drugs", "highest_dose"), dose)};
  if (given(start) || given(stop)) interval.interval = {
    ...(given(start) && {start: moment(given(start)).timestamp}),
    ...(given(stop) && {end: moment(given(stop)).timestamp})};
  return {treatment: {agent: agentOf(row), ...(Object.keys(interval).length && {doseIntervals: [interval]})},
    treatmentTerminationReason: own(`reason.${why}`, why.replace(/_/g, " "))};
}
/** The levels that LOINC has a code for: its codes are those of mass concentrations. */
function levelsOf(row, state) {
  const {drug} = drugOf(given(row.name)), date = given(row.values.level_date);
  const once = state.lists.current_drugs.rows.filter(r => drugOf(given(r.name)).drug === drug).length === 1;
  return Object.entries(PARTS).flatMap(([key, part]) => {
    const analyte = S.levels.find(l => l.drug === drug && l.part === part);
    const field = keyOf("current_drugs", key);
    const read = field && quantityOf(row.values[key], field.units), value = read && exact(read.text);
    if (!analyte || !once || !read || value === null || S.units[read.unit].kind !== "mass_concentration") return [];
    return [{assay: {id: `LOINC:${analyte.loinc[0]}`, label: analyte.analyte},
      ...(date && {timeObserved: moment(date)}),
      value: {quantity: {unit: {id: `UCUM:${S.units[read.unit].ucum}`, label: read.unit}, value}}}];
  });
}

const RESOURCES = {
  "epilepsy-pgx": ["columns of the sample sheet of epilepsy-pgx", "urn:epilepsy-pgx:"],
  HP: ["Human Phenotype Ontology", "http://purl.obolibrary.org/obo/HP_"],
  MONDO: ["Mondo Disease Ontology", "http://purl.obolibrary.org/obo/MONDO_"],
  LOINC: ["LOINC", "http://loinc.org/rdf/"],
  UCUM: ["Unified Code for Units of Measure", "http://unitsofmeasure.org/"],
  ATC: ["Anatomical Therapeutic Chemical classification", "http://www.whocc.no/atc/"],
};
function packetOf(state, today) {
  const packet = clean(state.kept || {}), made = elementsOf(state), sample = given(state.sample);
  const cell = column => given(state.cells[column]);
  packet.id = packet.id || sample;
  const sex = cell("sex").toUpperCase(), subject = packet.subject = {...packet.subject, id: sample};
  delete subject.sex;
  if (sex) subject.sex = sex;
  if (!subject.dateOfBirth) {
    delete subject.timeAtLastEncounter;
    if (FORMS.number.test(cell("age_years")))
      subject.timeAtLastEncounter = {age: {iso8601duration: ageText(cell("age_years"))}};
  }
  for (const [name, elements] of Object.entries(made)) {
    const kept = (packet[name] || []).filter(e => agrees(name, e, state)).map(bare), all = [...kept, ...elements];
    const seen = new Set(kept.map(e => identifier(e.type?.id || e.term?.id)));
    packet[name] = name === "phenotypicFeatures" || name === "diseases"
      ? [...kept, ...elements.filter(e => e.onset || !seen.has(identifier(e.type?.id || e.term?.id)))] : all;
    if (!packet[name].length) delete packet[name];
  }
  const text = JSON.stringify(packet);
  packet.metaData = {...packet.metaData, created: moment(cell("entry_date") || today).timestamp,
    createdBy: "epilepsy-pgx entry form", phenopacketSchemaVersion: "2.0"};
  const listed = packet.metaData.resources || [], prefixes = listed.map(r => r.namespacePrefix);
  packet.metaData.resources = [...listed, ...Object.entries(RESOURCES)
    .filter(([prefix]) => !prefixes.includes(prefix) && text.includes(`"${prefix}:`))
    .map(([prefix, [name, iri]]) => ({id: prefix.toLowerCase(), name, url: iri,
      version: `as in the tables ${S.version} of epilepsy-pgx`, namespacePrefix: prefix, iriPrefix: iri}))];
  return packet;
}
