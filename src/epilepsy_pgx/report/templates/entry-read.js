// Packets that are opened: those of this form by their cells, others by their terms.
const MEANINGS = new Map(Object.entries(S.meanings).flatMap(([column, words]) =>
  Object.entries(words).flatMap(([said, ids]) =>
    ids.map(id => [id, {column, words: said ? said.split("|") : []}]))));
function identifier(text) {
  const last = (text || "").trim().split("/").pop().replace(/_/g, ":"), at = last.lastIndexOf(":");
  if (at < 0) return text;
  const prefix = last.slice(0, at).toUpperCase().split(":").pop();
  return `${{ORPHANET: "ORPHA", ORDO: "ORPHA", MIM: "OMIM"}[prefix] || prefix}:${last.slice(at + 1)}`;
}
const plainLabel = text => (text || "").toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, " ").trim();
const dayOf = text => /^\d{4}-\d{2}-\d{2}/.test(text || "") ? text.slice(0, 10) : "";
function camel(value) {
  if (Array.isArray(value)) return value.map(camel);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null)
    .map(([k, v]) => [k.replace(/_+([a-z0-9])/g, (_, c) => c.toUpperCase()), camel(v)]));
}
function monthsOf(text) {
  const match = /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?/.exec(text || "");
  if (!match || !match.slice(1).some(Boolean)) return null;
  const [years, months, weeks, days] = match.slice(1).map(n => Number(n || 0));
  return years * 12 + months + (weeks * 7 + days) / 30.4375;
}
function monthsBetween(first, last) {
  const [y, m, d] = first.split("-").map(Number), [y2, m2, d2] = last.split("-").map(Number);
  return (y2 - y) * 12 + m2 - m - (d2 < d ? 1 : 0);
}
const wholeMonths = months => String(Math.floor(months * 10 + 1e-9) / 10);

/** A feature or disease that is kept: false if the form now says otherwise. */
function agrees(name, element, state) {
  if (name !== "phenotypicFeatures" && name !== "diseases") return true;
  const meaning = MEANINGS.get(identifier((element.type || element.term || {}).id));
  if (!meaning || element.resolution) return true;
  const said = meaning.column === "affected" ? [] : answers(state, meaning.column);
  const seizure = ["affected", "seizure_types"].includes(meaning.column);
  const id = identifier((element.type || element.term).id);
  if (element.excluded) return id !== SEIZURE.id && !meaning.words.some(w => said.includes(w));
  if (seizure && answers(state, "affected")[0] === "no") return false;
  const age = given(state.cells.age_years), seen = FORMS.number.test(age) ? Number(age) * 12 : null;
  return meaning.words.every(w => said.includes(w))
    || (meaning.column === "signs" && isOld(element, given(state.cells.entry_date), seen));
}
/** A sign that began more than a month before the entry: it is none of a reaction now. */
function isOld({onset}, day, seen) {
  const began = dayOf(onset?.timestamp);
  if (began && isDay(day)) return (Date.parse(day) - Date.parse(began)) / 864e5 > 31;
  const when = onset?.age ? monthsOf(onset.age.iso8601duration) : null;
  return when !== null && seen !== null && seen - when > 1;
}
/** An element without the onset that the form asks for itself. */
function bare(element) {
  const meaning = MEANINGS.get(identifier((element.type || element.term || {}).id));
  if (!meaning || meaning.column === "signs" || element.excluded || !element.onset) return element;
  const {onset, ...rest} = element;
  return rest;
}

/** {state, notes} of a packet, or null if it is none of version 2. */
function stateOf(raw) {
  const packet = camel(raw);
  const old = packet && ["genes", "variants", "htsFiles", "proband", "members", "resourceType"].some(k => k in packet);
  if (!packet || typeof packet.subject !== "object" || Array.isArray(packet.subject) || old) return null;
  const items = name => Array.isArray(packet[name]) ? packet[name].filter(e => e && typeof e === "object") : [];
  const cells = {}, sample = packet.subject.id || packet.id || "";
  for (const {assay, description} of items("measurements")) {
    const column = (assay?.id || "").toLowerCase().startsWith(S.prefix) && assay.id.slice(S.prefix.length);
    if (column && fields[column] && description) (cells[column] ||= []).push(description);
  }
  return Object.keys(cells).length ? ownState(packet, sample, cells, items) : otherState(packet, sample, items);
}

function ownState(packet, sample, cells, items) {
  const state = fromCells(sample, cells), made = elementsOf(state);
  state.kept = packet;
  const notes = [];
  for (const [name, elements] of Object.entries(made)) {
    const mine = new Set(elements.map(e => JSON.stringify(e)));
    packet[name] = items(name).filter(e => !mine.has(JSON.stringify(e)) && !isCell(e));
    notes.push(...packet[name].map(labelOf));
  }
  return {state, notes: {kept: notes, lost: []}};
}
const isCell = element => (element.assay?.id || "").toLowerCase().startsWith(S.prefix);
const labelOf = e => {
  const term = e.type || e.term || e.assay || e.treatment?.agent || e.procedure?.code
    || e.therapeuticRegimen?.ontologyClass || {};
  return (e.excluded ? "− " : "") + (term.label || term.id || "…");
};

function otherState(packet, sample, items) {
  const state = blank(), notes = {kept: [], lost: []}, subject = packet.subject;
  state.sample = FORMS.sample.test(sample) ? sample : "";
  const created = dayOf(packet.metaData?.created), day = created === UNSET ? "" : created;
  const cell = (column, value) => { if (value) state.cells[column] = value; };
  cell("entry_date", day);
  if (/^(FE)?MALE$/i.test(subject.sex || "")) cell("sex", subject.sex.toLowerCase());
  const born = dayOf(subject.dateOfBirth), seen = monthsOf(subject.timeAtLastEncounter?.age?.iso8601duration);
  const age = born && day ? monthsBetween(born, day) : seen;
  if (age !== null) cell("age_years", short(age / 12));
  const timeOf = onset => !onset ? null : onset.age ? monthsOf(onset.age.iso8601duration)
    : onset.timestamp && born ? monthsBetween(born, dayOf(onset.timestamp)) : NaN;
  const onsets = [];
  state.kept = {...packet};
  for (const name of ["phenotypicFeatures", "diseases"]) {
    state.kept[name] = items(name);
    for (const e of state.kept[name]) {
      const meaning = MEANINGS.get(identifier((e.type || e.term || {}).id));
      const seizure = meaning && ["affected", "seizure_types"].includes(meaning.column);
      if (e.excluded && seizure && identifier(e.type?.id) === SEIZURE.id) state.cells.affected ||= "no";
      if (!meaning || e.excluded || e.resolution) { notes.kept.push(labelOf(e)); continue; }
      const when = timeOf(e.onset);
      if (meaning.column === "signs" && isOld(e, day, seen)) { notes.kept.push(labelOf(e)); continue; }
      if (seizure) { state.cells.affected = "yes"; if (e.onset) onsets.push(when); }
      if (meaning.words.length && meaning.column !== "affected" && fields[meaning.column])
        addWords(state, meaning.column, meaning.words, notes, labelOf(e));
    }
  }
  if (onsets.length && onsets.every(o => o !== null && !Number.isNaN(o))) cell("onset_months", wholeMonths(Math.min(...onsets)));
  state.kept.medicalActions = items("medicalActions").filter(e => !takeAction(e, state, day, notes));
  const dated = e => dayOf(e.timeObserved?.timestamp);
  const latestFirst = items("measurements").sort((a, b) => dated(b).localeCompare(dated(a)));
  state.kept.measurements = latestFirst.filter(e => !takeMeasurement(e, state, notes));
  return {state, notes};
}

function addWords(state, column, words, notes, label) {
  const field = fields[column], known = words.filter(w => field.options.some(o => o.word === w));
  const all = [...new Set([...answers(state, column), ...known])];
  if (field.kind === "words") state.cells[column] = all.join("|");
  else if (all.length === 1) state.cells[column] = all[0];
  else notes.lost.push(label);
}

const TRANSPLANTS = [["bone_marrow", /bone marrow|stem.cell|ha?ematopoietic/i], ["liver", /liver|hepat/i], ["other", /./]];
/** Take an action into the form; false if it has no place there. */
function takeAction(action, state, day, notes) {
  const {treatment} = action, agent = treatment?.agent, label = agent?.label || "";
  const named = plainLabel(action.procedure?.code?.label || action.therapeuticRegimen?.ontologyClass?.label);
  for (const field of named ? Object.values(fields) : [])
    for (const option of field.options || [])
      if ((option.labels || []).includes(named)) { addWords(state, field.name, [option.word], notes, named); return true; }
  if (/transplant/.test(named)) {
    const text = `${named} ${action.procedure?.bodySite?.label || ""}`;
    state.cells.transplant = TRANSPLANTS.find(([, pattern]) => pattern.test(text))[0];
    return true;
  }
  if (!agent && takeRegimen(action.therapeuticRegimen, state)) return true;
  if (!agent) { notes.kept.push(labelOf(action)); return false; }
  const intervals = (treatment.doseIntervals || []).filter(Boolean), values = {};
  const ended = intervals.length && day && intervals.every(i => dayOf(i.interval?.end) && dayOf(i.interval.end) < day);
  const coded = drugOfCode(agent.id), name = drugOf(label).drug ? label : coded || label || agent.id;
  if (name !== label && label) notes.lost.push(`${label} (${agent.id}) → ${name}`);
  const starts = intervals.map(i => dayOf(i.interval?.start)).filter(Boolean).sort();
  if (starts.length) values.start = starts[0];
  const events = (action.adverseEvents || []), said = action.treatmentTerminationReason;
  if (said || ended) {
    values.reason = reasonOf([...events, ...(said ? [said] : [])]);
    const ends = intervals.map(i => dayOf(i.interval?.end)).filter(Boolean).sort();
    if (ended) values.stop = ends.pop();
    state.lists.failed_drugs.rows.push({name, values});
    return true;
  }
  const quantity = intervals.map(i => [i.quantity, i.scheduleFrequency]).filter(([q]) => q).pop();
  if (quantity) {
    const unit = unitOf(quantity[0].unit), often = quantity[1]?.label;
    const field = keyOf("current_drugs", "dose");
    if (unit && [...field.units, ...field.unused].includes(unit)) values.dose = `${quantity[0].value} ${unit}`;
    if (often || !values.dose) notes.lost.push(`${name}: ${quantity[0].value} ${quantity[0].unit?.label || ""}, ${often || ""}`);
  }
  const signs = events.flatMap(e => {
    const meaning = MEANINGS.get(identifier(e.id));
    const pattern = S.reasons.find(([r, p]) => S.signs_of_reasons[r] && new RegExp(p, "i").test(e.label || ""));
    const words = meaning?.column === "signs" ? meaning.words : pattern ? S.signs_of_reasons[pattern[0]] : [];
    if (!words.length) notes.lost.push(`${name}: ${e.label || e.id}`);
    return words;
  });
  if (signs.length) values.reaction = [...new Set(signs)].join("+");
  state.lists.current_drugs.rows.push({name, values});
  return true;
}
/** Take a regimen that is named after known drugs for these. */
function takeRegimen(regimen, state) {
  const names = (regimen?.ontologyClass?.label || "").split(/\s*(?:[,;+/&|]|\band\b|\bwith\b)\s*/i).filter(Boolean);
  if (!names.length || !names.every(n => drugOf(n).drug)) return false;
  const over = ["COMPLETED", "DISCONTINUED"].includes(regimen.regimenStatus);
  for (const name of names) state.lists[over ? "failed_drugs" : "current_drugs"].rows
    .push({name, values: over ? {reason: "unknown"} : {}});
  return true;
}
function drugOfCode(text) {
  const parts = (text || "").trim().toUpperCase().split(":"), number = parts.pop(), prefix = parts.pop() || "ATC";
  return S.drugs.codes[`${{WHOCC: "ATC", RXCUI: "RXNORM"}[prefix] || prefix}:${number}`];
}
/** Why a drug was stopped: the gravest of what terms and labels say. */
function reasonOf(events) {
  const signs = events.map(e => MEANINGS.get(identifier(e.id))).filter(m => m?.column === "signs");
  const said = signs.flatMap(m => m.words.map(w => S.reasons_of_signs[w]));
  const labels = events.map(e => e.label || e.id || "");
  const found = S.reasons.find(([reason, pattern]) => said.includes(reason) || labels.some(l => new RegExp(pattern, "i").test(l)));
  return found ? found[0] : labels.some(Boolean) ? "other" : "unknown";
}
function unitOf(unit) {
  const code = (unit?.id || "").replace(/^UCUM:/i, "");
  const coded = Object.keys(S.units).find(u => S.units[u].codes.includes(code));
  return coded || SPELLED.get(unitKey(unit?.label || ""));
}
function takeMeasurement(item, state, notes) {
  const code = (item.assay?.id || "").toUpperCase(), quantity = item.value?.quantity;
  const number = S.numbers.find(n => n.codes.includes(code));
  const analyte = S.levels.find(l => l.loinc.some(c => `LOINC:${c}` === code));
  if (number && quantity && !state.cells[number.column]) {
    const factor = [quantity.unit?.label, (quantity.unit?.id || "").split(":").pop()]
      .map(u => number.units[(u || "").toLowerCase()]).find(f => f !== undefined);
    if (factor !== undefined) {
      state.cells[number.column] = String(Number((quantity.value * factor).toPrecision(12)));
      return true;
    }
  }
  const row = analyte && state.lists.current_drugs.rows.find(r => drugOf(r.name).drug === analyte.drug);
  const key = analyte && Object.keys(PARTS).find(k => PARTS[k] === analyte.part), unit = unitOf(quantity?.unit);
  if (row && unit && !row.values[key] && Object.keys(row.values).every(k => !PARTS[k])) {
    row.values[key] = `${quantity.value} ${unit}`;
    const date = dayOf(item.timeObserved?.timestamp);
    if (date) row.values.level_date = date;
    return true;
  }
  notes.kept.push(labelOf(item));
  return false;
}
