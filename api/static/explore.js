// Makes the start page livelier: filters take effect at once, a stretch of the timeline is chosen with the pointer, and the
// map is moved and zoomed. All of it leads to addresses that the page has without scripts too.

const live = () => document.querySelector("[data-live]");
// How often was asked, and what is shown: the last answer counts.
let asked = 0;
let shown = location.pathname + location.search;

// --- Filters that take effect at once -----------------------------------------------------------------------------

/** Shows another address of this page in place of what is there, or goes there where it is no such page. */
async function show(address, { keep = false, focus = null } = {}) {
  const mine = ++asked;
  live()?.classList.add("waiting");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    const found = page.querySelector("[data-live]");
    // A refusal is a page of its own.
    if (found === null) return location.assign(address);
    const opened = openDetails();
    document.title = page.title;
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.querySelector(".forms")?.replaceWith(page.querySelector(".forms"));
    if (!keep) history.pushState(null, "", address);
    shown = location.pathname + location.search;
    openAgain(opened);
    prepare();
    if (focus !== null) document.querySelector(focus)?.focus();
  } catch {
    if (mine === asked) location.assign(address);
  }
}

/** The headings of what a reader has opened, so that it stays open. */
const headings = (all) => [...all].map((one) => one.querySelector("summary").textContent.replace(/[\d,]+/g, ""));
const openDetails = () => ({
  found: headings(document.querySelectorAll("main details[open]")),
  filters: document.querySelector("#filters").open,
});
function openAgain(opened) {
  for (const one of document.querySelectorAll("main details")) {
    if (one.id === "filters") one.open = opened.filters;
    else if (opened.found.includes(headings([one])[0])) one.open = true;
  }
}

const isHere = (address) => address.origin === location.origin && address.pathname === location.pathname;

/** What a link is called, so that the one in its place has the focus after it was followed. */
const nameOf = (link) => (link.closest(".filters") ? `.filters [data-name="${CSS.escape(link.dataset.name ?? "")}"]` : "h1");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const address = new URL(link.href.baseVal ?? link.href, location.href);
  if (!link.closest("[data-live]") || !isHere(address)) return;
  event.preventDefault();
  show(address.href, { focus: nameOf(link) });
});

document.addEventListener("submit", (event) => {
  if (!event.target.closest("[data-live]")) return;
  event.preventDefault();
  const asking = new URL(event.target.action);
  for (const [name, value] of new FormData(event.target)) if (value.trim()) asking.searchParams.append(name, value.trim());
  show(asking.href, { focus: ".filters button" });
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".filters input")) event.target.form.requestSubmit();
});

addEventListener("popstate", () => {
  // A step to another part of the same page is none of ours.
  if (live() && location.pathname + location.search !== shown) show(location.href, { keep: true });
});

// --- A stretch of the timeline --------------------------------------------------------------------------------------

const DAY = 86_400_000;
const day = (time) => new Date(time).toISOString().slice(0, 10);

function brush(svg) {
  const [first, last] = [svg.dataset.first, svg.dataset.last].map(Date.parse);
  let start = null;
  let moved = false;
  let drawn = null;
  const along = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    event.preventDefault();
    start = along(event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const now = along(event);
    if (!moved && Math.abs(now - start) * svg.clientWidth < 6) return;
    if (!moved) {
      moved = true;
      svg.setPointerCapture(event.pointerId);
      drawn = svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
      for (const [name, value] of Object.entries({ class: "brush", y: 0, height: "100%" })) drawn.setAttribute(name, value);
    }
    drawn.setAttribute("x", `${100 * Math.min(start, now)}%`);
    drawn.setAttribute("width", `${100 * Math.abs(now - start)}%`);
  });
  svg.addEventListener("pointerup", (event) => {
    if (moved) {
      const [from, to] = [start, along(event)].sort((a, b) => a - b).map((part) => first + part * (last - first));
      const asking = new URL(location.href);
      asking.searchParams.set("date_from", day(from));
      asking.searchParams.set("date_to", day(Math.max(from, to - DAY / 2)));
      for (const name of ["by", "view"]) asking.searchParams.delete(name);
      show(asking.href);
    }
    start = null;
  });
  // A stretch that was drawn is no click on the bucket where it ends.
  svg.addEventListener("click", (event) => moved && (event.preventDefault(), event.stopPropagation()), true);
}

// --- The map --------------------------------------------------------------------------------------------------------

const SETTLED = 350;

function moveable(svg) {
  const shown = svg.dataset.linear.split(",").map(Number);
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let box = { x: 0, y: 0, width, height };
  let waiting = null;
  let start = null;
  let moved = false;

  /** Draws another stretch of the same sheet at once, and asks for it to be drawn anew when the hand rests. */
  function look(next) {
    box = next;
    svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
    clearTimeout(waiting);
    waiting = setTimeout(ask, SETTLED);
  }
  function ask() {
    const [west, south, east, north] = shown;
    const [wide, high] = [(east - west) / width, (north - south) / height];
    const edges = [
      Math.max(west + box.x * wide, -180),
      Math.max(north - (box.y + box.height) * high, -90),
      Math.min(west + (box.x + box.width) * wide, 180),
      Math.min(north - box.y * high, 90),
    ];
    const asking = new URL(location.href);
    asking.searchParams.set("view", edges.map((edge) => edge.toFixed(3)).join(","));
    show(asking.href);
  }
  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  };
  svg.addEventListener(
    "wheel",
    (event) => {
      // A wheel alone moves the page.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const factor = event.deltaY > 0 ? 1.25 : 0.8;
      const [x, y] = at(event);
      const size = { width: box.width * factor, height: box.height * factor };
      look({ x: box.x + x * (box.width - size.width), y: box.y + y * (box.height - size.height), ...size });
    },
    { passive: false },
  );
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    event.preventDefault();
    start = [event.clientX, event.clientY, box];
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const [x, y, from] = start;
    const [right, down] = [event.clientX - x, event.clientY - y];
    if (!moved && Math.hypot(right, down) < 6) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    look({ ...from, x: from.x - (right / svg.clientWidth) * from.width, y: from.y - (down / svg.clientHeight) * from.height });
  });
  svg.addEventListener("pointerup", () => (start = null));
  svg.addEventListener("click", (event) => moved && (event.preventDefault(), event.stopPropagation()), true);
}

function prepare() {
  document.querySelectorAll(".timeline").forEach(brush);
  document.querySelectorAll(".map[data-linear]").forEach(moveable);
}

prepare();
