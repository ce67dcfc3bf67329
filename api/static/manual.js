// Makes the manual livelier: lists are filtered while one types, and a form shows the request that it will make.

function filterBy(field) {
  const items = [...document.querySelectorAll(field.dataset.filters)];
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  for (const section of document.querySelectorAll(".tag")) {
    section.hidden = ![...section.querySelectorAll(".operation")].some((item) => !item.hidden);
  }
  const status = document.querySelector(".none-found");
  if (status) status.textContent = items.some((item) => !item.hidden) ? "" : "Nothing has these words.";
}

for (const field of document.querySelectorAll("[data-filters]")) {
  field.addEventListener("input", () => filterBy(field));
  // The list is filtered already, and what it filters is no part of a question.
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}
// A slash goes to the search, as in many manuals.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-filters]");
  if (event.key !== "/" || !search || event.target.matches("input, select, textarea")) return;
  event.preventDefault();
  search.focus();
});

const form = document.querySelector("form.manual");
if (form) {
  const shown = form.querySelector(".asks");
  const request = () => {
    // A field is called `dataset`, so the form has no `dataset` of its own.
    let path = form.getAttribute("data-path");
    for (const field of form.querySelectorAll("[data-in-path]")) {
      path = path.replace(`{${field.dataset.inPath}}`, encodeURIComponent(field.value));
    }
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(filled).toString().replaceAll("%2C", ",");
    return query ? `${path}?${query}` : path;
  };
  const show = () => { shown.textContent = request(); };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(request());
  });
  show();
}
