// "/" puts the cursor into the search field; empty fields of a form stay out of its address.
"use strict";
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("input[type=search]");
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && field && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});
document.addEventListener("submit", (event) => {
  const empty = [...event.target.elements].filter((field) => field.name && field.value === "");
  empty.forEach((field) => { field.disabled = true; });
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
});
