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

// --- What the hand does on a drawing ----------------------------------------------------------------------------------

// How far a hand moves, in pixels, before that is a drag and no click. A finger that goes up or down scrolls the page.
const DRAGGED = { mouse: 6, pen: 6, touch: 12 };
// How far from a circle a finger may come down and still mean it: a target of 44 pixels.
const MEANT = 22;

/** Tells of drags over a drawing: `draw` of each step from where the hand came down, `end` of the last, or of none that counts. */
function dragged(svg, { draw, end }) {
  let start = null;
  let moved = false;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    // Neither links nor texts are dragged along.
    event.preventDefault();
    start = event;
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    // A hand that was lifted elsewhere is no longer at it.
    if (!event.buttons) start = null;
    if (start === null || !event.isPrimary) return;
    const [right, down] = [event.clientX - start.clientX, event.clientY - start.clientY];
    const gone = event.pointerType === "touch" ? Math.abs(right) : Math.hypot(right, down);
    if (!moved && gone < DRAGGED[event.pointerType]) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    draw(start, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    svg.addEventListener(name, (event) => {
      if (start !== null && moved) end(start, name === "pointerup" ? event : null);
      start = null;
    });
  }
  // What was dragged is no click on what lies where it ends.
  svg.addEventListener("click", (event) => moved && (event.preventDefault(), event.stopPropagation()), true);
}

// --- A stretch of the timeline --------------------------------------------------------------------------------------

const DAY = 86_400_000;
const day = (time) => new Date(time).toISOString().slice(0, 10);

function brush(svg) {
  const [first, last] = [svg.dataset.first, svg.dataset.last].map(Date.parse);
  let drawn = null;
  const along = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  dragged(svg, {
    draw(start, now) {
      if (drawn === null) {
        drawn = svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
        for (const [name, value] of Object.entries({ class: "brush", y: 0, height: "100%" })) drawn.setAttribute(name, value);
      }
      const [from, to] = [along(start), along(now)].sort((a, b) => a - b);
      drawn.setAttribute("x", `${100 * from}%`);
      drawn.setAttribute("width", `${100 * (to - from)}%`);
    },
    end(start, ended) {
      if (ended === null) {
        drawn.remove();
        drawn = null;
        return;
      }
      const [from, to] = [along(start), along(ended)].sort((a, b) => a - b).map((part) => first + part * (last - first));
      const asking = new URL(location.href);
      asking.searchParams.set("date_from", day(from));
      asking.searchParams.set("date_to", day(Math.max(from, to - DAY / 2)));
      for (const name of ["by", "view"]) asking.searchParams.delete(name);
      show(asking.href);
    },
  });
}

// --- The map --------------------------------------------------------------------------------------------------------

const SETTLED = 350;

function moveable(svg) {
  const shown = svg.dataset.linear.split(",").map(Number);
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let box = { x: 0, y: 0, width, height };
  let waiting = null;
  // What was shown where a drag began.
  let from = null;

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
  dragged(svg, {
    draw(start, now) {
      from ??= box;
      const [right, down] = [now.clientX - start.clientX, now.clientY - start.clientY];
      look({ ...from, x: from.x - (right / svg.clientWidth) * from.width, y: from.y - (down / svg.clientHeight) * from.height });
    },
    end(start, ended) {
      if (ended === null) {
        look(from);
        clearTimeout(waiting);
      }
      from = null;
    },
  });
}

/** A finger that comes down beside a circle means the nearest, which may be smaller than any finger. */
function meant(svg) {
  const away = (link, event) => {
    const box = link.getBoundingClientRect();
    return Math.hypot(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2) - box.width / 2;
  };
  svg.addEventListener("click", (event) => {
    if (event.pointerType !== "touch" || event.target.closest("a:has(circle)")) return;
    const circles = [...svg.querySelectorAll("a:has(circle)")].map((link) => [away(link, event), link]);
    const [distance, nearest] = circles.reduce((a, b) => (b[0] < a[0] ? b : a), [MEANT, null]);
    if (nearest === null) return;
    event.preventDefault();
    event.stopPropagation();
    show(nearest.href.baseVal);
  });
}

function prepare() {
  document.querySelectorAll(".timeline").forEach(brush);
  document.querySelectorAll(".map").forEach(meant);
  document.querySelectorAll(".map[data-linear]").forEach(moveable);
}

prepare();
