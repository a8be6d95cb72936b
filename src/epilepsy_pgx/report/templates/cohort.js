(() => {
  "use strict";
  const table = document.getElementById("patients");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  let words = null;
  const controls = document.getElementById("controls");
  const find = document.getElementById("find");
  const urgent = document.getElementById("urgent-only");
  const shown = document.getElementById("shown");
  const filter = () => {
    words ??= rows.map((row) => row.textContent.toLowerCase());
    const parts = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, n) => {
      const fits = parts.every((part) => words[n].includes(part)) && !(urgent.checked && !row.dataset.urgent);
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = String(count);
  };
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replace(/^\D+/, ""));
    return Number.isNaN(number) || column === 0 ? text : number;
  };
  const compare = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    cell.textContent = "";
    cell.appendChild(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = Array.from(body.rows, (row) => [key(row, column), row]);
      keyed.sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]));
      body.append(...keyed.map((pair) => pair[1]));
    });
  });
  find.addEventListener("input", filter);
  urgent.addEventListener("change", filter);
  shown.textContent = String(rows.length);
  controls.hidden = false;
})();
