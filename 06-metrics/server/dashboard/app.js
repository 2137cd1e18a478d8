// The dashboard: asks every two seconds, and shows the answer. Whatever comes from outside (labels, results, errors) is
// shown as a text node, never as markup. Nothing is drawn anew that has not changed.
"use strict";

const EVERY = 2000;        // ms
const LEAST = 1500;        // ms between two points of a chart: who submits something sees the answer sooner
const PATIENCE = 5000;     // ms until a request counts as lost
const SPAN = 300;          // seconds that charts show
const CELLS = 60;          // of a worker's strip
const SHOWN = 50;          // tasks

const $ = (id) => document.getElementById(id);
const main = document.querySelector("main");

// --- words ---------------------------------------------------------------------------------------------------------
function seconds(value) {
  if (value >= 10) return `${value.toFixed(value >= 100 ? 0 : 1)} s`;
  if (value >= 1) return `${value.toFixed(2)} s`;
  if (value >= 0.001) return `${(value * 1e3).toFixed(value >= 0.1 ? 0 : 1)} ms`;
  return `${(value * 1e6).toFixed(0)} µs`;
}
function span(value) {
  const s = Math.floor(value), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  return h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}
const count = (value) => value.toLocaleString("en-GB");
const known = (value, format) => value === null || value === undefined ? "unknown" : format(value);

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// --- asking --------------------------------------------------------------------------------------------------------
class Refused extends Error {}

async function ask(path, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const ours = {signal: abort.signal, cache: "no-store", credentials: "same-origin"};
    const response = await fetch(path, {...options, ...ours});
    if (response.status === 401) {  // the server has another session than we knew: it shows its form
      location.reload();
      throw new Refused("log in again");
    }
    const answer = await response.json();
    if (!response.ok) throw new Refused(answer.error || `status ${response.status}`);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}
const change = (path, fields) => ask(path, {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify(fields || {}),
});

// --- totals, health, charts ----------------------------------------------------------------------------------------
const rate = (value) => value < 10 ? value.toFixed(1) : count(Math.round(value));
const whole = (value) => count(Math.round(value));
const charts = {
  throughput: new LineChart($("chart-throughput"), ["first"], rate, "Tasks ended per second", 1),
  queue: new LineChart($("chart-queue"), ["first"], whole, "Tasks that wait", 2),
  wait: new LineChart($("chart-wait"), ["first", "second"], seconds, "Wait of tasks, p50 and p99", 0.001),
};
let points = {throughput: [], queue: [], wait: []};
let before = null;  // {time, ended, uptime}

function show_totals(stats) {
  const totals = stats.metrics;
  say($("total-submitted"), count(totals.total_submitted));
  say($("total-completed"), count(totals.total_completed));
  say($("total-failed"), count(totals.total_failed));
  say($("success-rate"), `${totals.success_rate.toFixed(1)} %`);
  const health = stats.system_health;
  say($("cpu"), known(health.cpu_percent, (v) => `${v.toFixed(1)} %`));
  const part = health.memory_percent === null ? "" : ` (${health.memory_percent.toFixed(1)} %)`;
  say($("memory"), known(health.memory_mb, (v) => `${v.toFixed(1)} MB`) + part);
  say($("threads"), known(health.num_threads, count));
  say($("uptime"), span(totals.uptime_seconds));
  say($("pending"), count(stats.queue.total_pending));
  say($("running"), count(stats.tasks.running));
  say($("cancelled"), count(totals.total_cancelled));
  say($("mean"), seconds(totals.avg_task_time));
}

function show_charts(stats, now) {
  const ended = stats.tasks.completed + stats.tasks.failed + stats.tasks.cancelled;
  const uptime = stats.metrics.uptime_seconds;
  if (before && uptime < before.uptime) {  // another server: what was before is not its history
    points = {throughput: [], queue: [], wait: []};
    workers.forEach((worker) => worker.item.remove());
    workers.clear();
    before = null;
  }
  if (before && (uptime - before.uptime) * 1000 < LEAST) return;
  const add = (name, values) => {
    points[name].push({time: now, values});
    while (points[name].length && now - points[name][0].time > SPAN) points[name].shift();
    charts[name].draw(points[name], now, SPAN);
  };
  if (before) add("throughput", [(ended - before.ended) / Math.max(0.001, uptime - before.uptime)]);
  else charts.throughput.draw(points.throughput, now, SPAN);
  add("queue", [stats.queue.total_pending]);
  add("wait", [stats.latency.wait.p50, stats.latency.wait.p99]);
  before = {ended, uptime};
}

// --- workers -------------------------------------------------------------------------------------------------------
const workers = new Map();

function show_workers(stats) {
  const alive = stats.workers.filter((worker) => worker.is_alive);
  const {min_workers: min, max_workers: max} = stats.pool_config;
  say($("workers-count"), `${alive.length}${min !== max ? ` (from ${min} to ${max})` : ""}`);
  const there = new Set(alive.map((worker) => worker.id));
  for (const [id, worker] of workers) {
    if (there.has(id)) continue;
    worker.item.remove();
    workers.delete(id);
  }
  for (const worker of alive) {
    let row = workers.get(worker.id);
    if (!row) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const strip = document.createElement("span");
      const facts = document.createElement("span");
      facts.className = "facts";
      item.append(name, strip, facts);
      row = {item, name, facts, strip: new Strip(strip, CELLS), since: null};
      const later = [...workers].find(([id]) => id > worker.id);
      $("workers").insertBefore(item, later ? later[1].item : null);
      workers.set(worker.id, row);
    }
    say(row.name, worker.name);
    const doing = worker.current_task ? `runs ${short(worker.current_task)}` : worker.busy ? "busy" : "idle";
    const {completed, failed, queue_size: queued} = worker;
    say(row.facts, `${doing}, ${count(completed)} completed, ${count(failed)} failed, ${count(queued)} queued`);
    const now = performance.now();
    if (row.since !== null && now - row.since < LEAST) continue;
    if (row.since !== null) {
      const worked = worker.total_time - row.worked, idle = worker.idle_time - row.idle;
      row.strip.add(worked + idle > 0 ? worked / (worked + idle) : worker.busy ? 1 : 0, worker.name);
    }
    Object.assign(row, {since: now, worked: worker.total_time, idle: worker.idle_time});
  }
}

// --- tasks ---------------------------------------------------------------------------------------------------------
const rows = new Map();
const body = document.querySelector("#tasks tbody");

function short(id) {  // all ids of a pool begin alike; their ends tell them apart
  return id.length > 12 ? `…${id.slice(-6)}` : id;
}

function make_row(id) {
  const row = document.createElement("tr");
  row.setAttribute("role", "row");
  const cells = {};
  for (const [name, label, kind] of [["id", "Id", "id"], ["what", "Task", "what"], ["state", "State", ""],
    ["worker", "Worker", ""], ["ran", "Ran", "time"], ["waited", "Waited", "time"],
    ["result", "Result", "result"], ["action", "", "action"]]) {
    const cell = document.createElement("td");
    cell.setAttribute("role", "cell");
    cell.dataset.label = label;
    cell.className = kind;
    row.append(cell);
    cells[name] = cell;
  }
  cells.id.textContent = short(id);
  cells.id.title = id;
  const state = document.createElement("span");
  cells.state.append(state);
  return {row, cells, state, button: null};
}

function show_task(entry, task) {
  const {cells} = entry;
  say(cells.what, task.meta.label || `${task.meta.type || task.name} ${task.meta.param || ""}`.trim());
  entry.state.className = `state ${task.state}`;
  say(entry.state, task.state);
  say(cells.worker, task.worker === null ? (task.executor === "thread" ? "–" : task.executor) : String(task.worker));
  say(cells.ran, task.started_at === null ? "–" : seconds(task.execution_time));
  say(cells.waited, seconds(task.wait_time));
  const result = task.state === "failed" ? task.exception : task.state === "cancelled" ? task.reason : task.result;
  say(cells.result, result || "");
  cells.result.classList.toggle("error", task.state === "failed");
  cells.result.classList.toggle("empty", !result);
  const can_cancel = task.state === "queued" || task.state === "running";
  cells.action.classList.toggle("empty", !can_cancel);
  if (can_cancel && !entry.button) {
    entry.button = document.createElement("button");
    entry.button.type = "button";
    entry.button.className = "small";
    entry.button.textContent = "Cancel";
    entry.button.setAttribute("aria-label", `Cancel task ${short(task.id)}`);
    entry.button.addEventListener("click", () => cancel(task.id, entry));
    cells.action.append(entry.button);
  } else if (!can_cancel && entry.button) {
    leave(entry.button);
    entry.button.remove();
    entry.button = null;
  }
}

// Who had the focus on something that goes finds it at the title.
function leave(element) {
  if (element.contains(document.activeElement)) $("tasks-title").focus({preventScroll: true});
}

function show_tasks(tasks) {
  const there = new Set(tasks.map((task) => task.id));
  for (const [id, entry] of rows) {
    if (there.has(id)) continue;
    leave(entry.row);
    entry.row.remove();
    rows.delete(id);
  }
  tasks.forEach((task, place) => {
    let entry = rows.get(task.id);
    if (!entry) {
      entry = make_row(task.id);
      rows.set(task.id, entry);
    }
    if (body.children[place] !== entry.row) body.insertBefore(entry.row, body.children[place] || null);
    show_task(entry, task);
  });
  say($("tasks-state"), tasks.length ? "" : "There are no tasks yet. Submit one above.");
  $("tasks-state").hidden = tasks.length > 0;
  document.querySelector(".scroll").hidden = tasks.length === 0;
}

// --- what one can do -----------------------------------------------------------------------------------------------
function told(text, is_error) {
  $("said").classList.toggle("error", Boolean(is_error));
  say($("said"), text);
}

async function cancel(id, entry) {
  if (entry.button) entry.button.disabled = true;
  try {
    await change(`/api/task/${encodeURIComponent(id)}/cancel`);
    told(`Task ${short(id)} is cancelled.`);
  } catch (problem) {
    told(`Task ${short(id)} was not cancelled: ${problem.message}.`, true);
    if (entry.button) entry.button.disabled = false;
  }
  refresh_now();
}

async function submit(times) {
  const fields = {};
  for (const [name, value] of new FormData($("submit"))) if (value !== "") fields[name] = value;
  const buttons = [$("submit-one"), $("submit-ten")];
  buttons.forEach((button) => { button.disabled = true; });
  const asked = document.activeElement;
  let accepted = 0;
  try {
    for (; accepted < times; ++accepted) await change("/api/submit", fields);
    told(times === 1 ? "One task was submitted." : `${times} tasks were submitted.`);
  } catch (problem) {
    const before_that = accepted ? `${accepted} tasks were submitted, then: ` : "Not submitted: ";
    told(`${before_that}${problem.message}.`, true);
  }
  buttons.forEach((button) => { button.disabled = false; });
  if (buttons.includes(asked)) asked.focus();
  refresh_now();
}

$("submit").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(1);
});
$("submit-ten").addEventListener("click", () => submit(10));
$("clear").addEventListener("click", async () => {
  try {
    const {cleared} = await change("/api/clear-completed");
    told(cleared === 1 ? "One finished task was cleared." : `${cleared} finished tasks were cleared.`);
  } catch (problem) {
    told(`Nothing was cleared: ${problem.message}.`, true);
  }
  refresh_now();
});

let types = [];
function show_type() {
  const type = types.find((each) => each.type === $("type").value);
  if (!type) return;
  $("param").placeholder = type.default;
  say($("param-hint"), `Param: ${type.limits}; ${type.default} if it is left empty.`);
}
$("type").addEventListener("change", () => {
  $("param").value = "";
  show_type();
});
async function learn_types() {
  const answer = await ask("/api/types");
  types = answer.types;
  if (answer.executors.length > 1) {
    const options = answer.executors.map((name) => new Option(name, name, name === "thread", name === "thread"));
    $("executor").replaceChildren(...options);
    $("executor-field").hidden = false;
  }
  show_type();
}

// --- every two seconds ---------------------------------------------------------------------------------------------
let timer = 0;
let round = 0;

async function refresh() {
  const mine = ++round;
  clearTimeout(timer);
  try {
    if (!types.length) await learn_types();
    const [stats, {tasks}] = await Promise.all([ask("/api/stats"), ask(`/api/tasks?limit=${SHOWN}`)]);
    if (mine !== round) return;
    show_totals(stats);
    show_charts(stats, performance.now() / 1000);
    show_workers(stats);
    show_tasks(tasks);
    main.removeAttribute("aria-busy");
    $("lost").hidden = true;
    $("connection").className = "pill good";
    say($("connection"), "Connected");
  } catch (problem) {
    if (mine !== round) return;
    $("connection").className = "pill bad";
    say($("connection"), "Connection lost");
    say($("lost"), problem instanceof Refused ? `The server refuses: ${problem.message}.`
      : "The server does not answer. What is shown is what was last known; it is asked again every two seconds.");
    $("lost").hidden = false;
    if (!before) say($("tasks-state"), "Nothing is known yet.");
  }
  if (mine === round && !document.hidden) timer = setTimeout(refresh, EVERY);
}
function refresh_now() {
  if (!document.hidden) refresh();
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    ++round;
    clearTimeout(timer);
  } else {
    refresh();
  }
});
refresh();
