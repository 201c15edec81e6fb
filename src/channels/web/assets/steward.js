// What the page does beyond its forms, all of which work without it: the chat is kept up to date,
// and nothing has to be loaded anew to say something.

"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** A name that no other message has. */
function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** HTML that the server made and escaped, as a fragment. */
function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** What the server has at an address; undefined when it can't be had. */
async function get(address, accept) {
  try {
    const response = await fetch(address, { headers: { Accept: accept } });
    if (response.status === 401 || response.redirected) location.assign("/login");
    return response.ok ? response : undefined;
  } catch {
    return undefined;
  }
}

/** Shows a word about the state of things, or none. */
function tell(what) {
  const state = find("#state");
  if (!state) return;
  state.hidden = !what;
  state.textContent = what ? state.dataset[what] : "";
}

// Forms that are sent without leaving the page.

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form, button));
  const buttons = all("button", form);
  buttons.forEach((one) => { one.disabled = true; });
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
  } catch {
    answer = undefined;
  }
  buttons.forEach((one) => { one.disabled = false; });
  if (answer?.status === 401 || answer?.status === 403) return location.reload();
  // Sent again after a failure it keeps its name, and so is handled once.
  if (answer?.ok && form.elements.id) form.elements.id.value = nonce();
  tell(answer?.ok ? undefined : answer?.status === 429 ? "slow" : "failed");
  return Boolean(answer?.ok);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  const text = find("textarea", form);
  const said = text?.value;
  if (await send(form, event.submitter)) {
    if (text && text.value === said) {
      text.value = "";
      lastSaid = said;
    }
    stayAtEnd();
  }
  find("#text")?.focus();
});

// Saying something.

let lastSaid = "";
const text = find("#text");

text?.addEventListener("keydown", (event) => {
  // While Chinese is being composed, Enter belongs to the input method.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (text.value.trim()) text.form.requestSubmit();
  } else if (event.key === "ArrowUp" && !text.value && lastSaid) {
    event.preventDefault();
    text.value = lastSaid;
  }
});

document.addEventListener("keydown", (event) => {
  if (!text || event.ctrlKey || event.metaKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "Escape" || (event.key === "/" && !typing)) {
    event.preventDefault();
    text.focus();
    stayAtEnd();
  }
});

// The chat.

const log = find("#log");
const newer = find("#newer");

function isAtEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

/** Whether what is new is scrolled to: until somebody looks further up. */
let following = true;

function stayAtEnd() {
  if (!log) return;
  following = true;
  log.scrollTop = log.scrollHeight;
  newer.hidden = true;
}

/** Puts an item into its place: where it was, or after every earlier one. */
function show(data) {
  const followed = following;
  const item = find("article", fragment(data.html));
  const before = document.getElementById(item.id);
  if (before) {
    const tail = find(".tail", before);
    const next = find(".tail", item);
    if (tail && next && !tail.hidden) {
      next.textContent = tail.textContent;
      next.hidden = false;
    }
    before.replaceWith(item);
  } else {
    find(".welcome", log)?.remove();
    const later = all("article", log).find((other) => other.id > item.id);
    log.insertBefore(item, later ?? find("#end"));
  }
  if (followed || data.own) stayAtEnd();
  else if (!before) newer.hidden = false;
}

let source;
let last = log?.dataset.last ?? "";

function listen() {
  source?.close();
  source = new EventSource(`/events?after=${encodeURIComponent(last)}`);
  source.addEventListener("open", () => tell(undefined));
  source.addEventListener("item", (event) => {
    last = event.lastEventId;
    show(JSON.parse(event.data));
    refreshSoon();
  });
  source.addEventListener("out", () => location.reload());
  source.addEventListener("error", async () => {
    tell("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    // The server answered something else than events: perhaps nobody is logged in any more.
    await wait(3000);
    if (await get("/now", "text/html")) listen();
    else setTimeout(() => source.dispatchEvent(new Event("error")), 3000);
  });
}

if (log) {
  stayAtEnd();
  listen();
  newer.addEventListener("click", () => { stayAtEnd(); text.focus(); });
  log.addEventListener("scroll", () => {
    following = isAtEnd();
    if (following) newer.hidden = true;
  });
  // A picture takes its room only once it is there.
  log.addEventListener("load", () => { if (following) stayAtEnd(); }, true);
  // A browser opens only so many connections: what nobody looks at needs none.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source.close();
    else listen();
  });
}

// What goes on beside the chat.

let refreshing;
function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(refresh, 300);
}

async function refresh() {
  const now = find("#now");
  if (!now || document.hidden) return;
  const response = await get("/now", "text/html");
  if (!response) return;
  if (!now.contains(document.activeElement)) now.replaceChildren(fragment(await response.text()));
  const waiting = Number(find("[data-waiting]", now)?.dataset.waiting ?? 0);
  const badge = find("#waiting");
  if (badge) {
    badge.textContent = String(waiting);
    badge.hidden = waiting === 0;
  }
  if (find("[data-busy]", now)) {
    clearTimeout(refreshing);
    refreshing = setTimeout(refresh, 4000);
  }
}
if (find("#now [data-busy]")) refreshSoon();

// The last lines of what runs, in its card.

async function followTails() {
  for (;;) {
    for (const tail of document.hidden ? [] : all("[data-tail]")) {
      const response = await get(tail.dataset.tail, "application/json");
      if (!response) continue;
      const { text: lines } = await response.json();
      if (lines && tail.isConnected) {
        tail.textContent = lines;
        tail.hidden = false;
        tail.scrollTop = tail.scrollHeight;
      }
      if (following) stayAtEnd();
    }
    await wait(1500);
  }
}
if (log) followTails();

// The whole output of one run.

async function followLog(view) {
  let from = 0;
  for (;;) {
    const response = document.hidden ? undefined : await get(`${view.dataset.log}?from=${from}`, "application/json");
    if (response) {
      const part = await response.json();
      const followed = view.scrollHeight - view.scrollTop - view.clientHeight < 40;
      view.append(part.text);
      if (followed) view.scrollTop = view.scrollHeight;
      if (part.complete) break;
      const more = part.next !== from;
      from = part.next;
      if (more) continue;
    }
    await wait(1500);
  }
  if (!view.textContent) view.textContent = view.dataset.empty;
}
all("[data-log]").forEach(followLog);

// Parts of a page that change by themselves.

async function keepFresh(part) {
  while (part.dataset.refresh) {
    await wait(Number(part.dataset.refresh) * 1000);
    if (document.hidden || part.contains(document.activeElement)) continue;
    const response = await get(location.href, "text/html");
    if (!response) continue;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.getElementById(part.id);
    if (!next) return;
    part.replaceWith(next);
    part = next;
  }
}
all("[data-refresh]").forEach(keepFresh);

// Where there is little room, the name of this page may be out of sight.

find("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
// A browser scrolls only to what can't be seen at all.
find("nav")?.addEventListener("focusin", (event) => event.target.scrollIntoView({ inline: "nearest", block: "nearest" }));

// Finding a job.

const sought = find("#find");
if (sought) {
  sought.parentElement.hidden = false;
  sought.addEventListener("input", () => {
    const words = sought.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const topic of all(".topic")) {
      const jobs = all("[data-find]", topic);
      for (const job of jobs) {
        const about = job.dataset.find.toLowerCase();
        job.hidden = !words.every((word) => about.includes(word));
      }
      topic.hidden = jobs.every((job) => job.hidden);
    }
  });
}
