// The dashboard in a real browser, against a real server:
//
//   node dashboard.mjs [poolcraft-server [folder for screenshots]]
//
// Ends with 0 if all checks held, 1 if one did not, and 77 (skipped) if something is missing on this machine.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, conclude, program, skip, start } from "./server.mjs";

const require = createRequire(import.meta.url);
const shots = process.argv[3];
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!chromium) skip("there is no chromium; on Debian: apt install chromium");
let playwright, axe;
try {
  playwright = require("playwright-core");
  axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
} catch {
  skip("playwright-core or axe-core is missing; run `npm ci` in 06-metrics/server/tests/browser");
}

async function serious(page) {
  await page.evaluate(axe);  // as a script of the test, not of the page: its policy would not let one in
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.filter((each) => each.impact === "serious" || each.impact === "critical")
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).slice(0, 4).join(", ")}`);
}

async function nothing_serious(page, where) {
  const found = await serious(page);
  check(`axe finds nothing serious ${where}`, found.length === 0, found.join("; "));
}

async function shot(page, name, clip) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, clip });
}

const profile = mkdtempSync(join(tmpdir(), "poolcraft-browser-"));
const browser = await playwright.chromium.launchPersistentContext(profile, {
  executablePath: chromium,
  headless: false,  // playwright's own word for it is one that newer browsers do not know
  viewport: { width: 1200, height: 900 },
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
});

let server = await start();
try {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on("dialog", (dialog) => { problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) problems.push(`asked somebody else: ${request.url()}`);
  });
  const text = (selector) => page.locator(selector).innerText();
  const becomes = async (name, what, holds, timeout = 20000) => {
    const end = Date.now() + timeout;
    let last;
    for (;;) {
      last = await what().catch((problem) => String(problem));
      if (holds(last)) return check(name, true);
      if (Date.now() > end) return check(name, false, `is: ${JSON.stringify(last)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  await page.goto(server.url);
  await becomes("the page connects", () => text("#connection"), (t) => t === "Connected");
  check("an empty pool says so", (await text("#tasks-state")).includes("no tasks yet"));
  await nothing_serious(page, "on the empty page");

  await page.selectOption("#type", "expression");
  check("the type says what its param may be", (await text("#param-hint")).includes("200 characters"));
  await page.click("#submit-one");
  await becomes("one task was submitted and is completed", () => text("#total-completed"), (t) => t === "1");
  check("its result is shown", (await text("#tasks tbody tr:first-child .result")).includes("98"));

  await page.click("#submit-ten");
  await becomes("ten tasks were submitted", () => text("#said"), (t) => t === "10 tasks were submitted.");
  await becomes("and are completed", () => text("#total-completed"), (t) => t === "11");
  await becomes("there is a row for each", () => page.locator("#tasks tbody tr").count(), (n) => n === 11);
  check("the success rate is 100 %", (await text("#success-rate")) === "100.0 %");

  await page.fill("#param", "2*");
  await page.keyboard.press("Enter");
  await becomes("what is no expression is refused with a reason", () => text("#said"),
    (t) => t.includes("not an expression"));
  await page.fill("#param", "1/0");
  await page.keyboard.press("Enter");
  await becomes("a task that fails shows its error", () => page.locator("#tasks td.result.error").allInnerTexts(),
    (t) => t.length === 1 && t[0].includes("not finite"));

  const label = "<script>alert(1)</script><img src=x onerror=alert(2)>";
  await page.fill("#param", "");
  await page.fill("input[name=label]", label);
  await page.click("#submit-one");
  await becomes("a label with markup is shown as text",
    () => page.locator("#tasks tbody tr:first-child .what").textContent(), (t) => t === label);
  check("and is no element", await page.locator("#tasks script, #tasks img").count() === 0);
  await page.fill("input[name=label]", "");

  await page.selectOption("#type", "compute");
  await page.fill("#param", "5000000");
  for (let tens = 1; tens <= 6; ++tens) {
    await page.click("#submit-ten");
    await becomes(`ten more, ${tens}`, () => page.locator("#submit-ten").isEnabled(), (is) => is);
  }
  await becomes("tasks wait", () => text("#pending"), (t) => Number(t) > 0);
  await page.waitForTimeout(4500);  // for the pictures: the charts have something to show
  await shot(page, "light", { x: 0, y: 0, width: 1185, height: 1500 });
  await page.emulateMedia({ colorScheme: "dark" });
  await nothing_serious(page, "in the dark");
  await shot(page, "dark", { x: 0, y: 0, width: 1185, height: 1500 });
  await page.emulateMedia({ colorScheme: "light" });
  await nothing_serious(page, "in the light");
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check("at 360 px nothing sticks out", wide <= 360, `width ${wide}`);
  await nothing_serious(page, "at 360 px");
  await shot(page, "phone", { x: 0, y: 0, width: 360, height: 2300 });
  await page.setViewportSize({ width: 1200, height: 900 });

  const button = page.locator("#tasks button").first();
  await button.focus();
  await page.keyboard.press("Enter");
  await becomes("a task is cancelled by keyboard", () => text("#cancelled"), (t) => Number(t) >= 1);
  await becomes("and says why", () => page.locator("#tasks .state.cancelled").count(), (n) => n >= 1);
  await page.evaluate(async () => {
    const { tasks } = await (await fetch("/api/tasks?limit=1000")).json();
    for (const { id } of tasks) await fetch(`/api/task/${id}/cancel`, { method: "POST" });
  });
  await becomes("all are cancelled", () => text("#running"), (t) => t === "0");

  await page.evaluate(() => { document.querySelector("#tasks tbody tr").dataset.mark = "kept"; });
  await page.waitForTimeout(2500);
  check("a refresh keeps the rows that are there", await page.locator("#tasks tr[data-mark=kept]").count() === 1);

  await page.click("#clear");
  await becomes("clearing leaves no finished task", () => page.locator("#tasks tbody tr").count(), (n) => n === 0);
  check("and the page says so", (await text("#tasks-state")).includes("no tasks yet"));

  // Hidden, as a tab behind another one: it asks no more.
  let asked = 0;
  page.on("request", () => ++asked);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForTimeout(300);
  asked = 0;
  await page.waitForTimeout(2600);
  check("a hidden page asks nothing", asked === 0, `asked ${asked} times`);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: false, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await becomes("shown again, it asks", async () => asked, (n) => n > 0);

  check("the page has no errors", problems.length === 0, problems.join("; "));
  await server.stop();
  await becomes("a server that is gone is noticed", () => text("#connection"), (t) => t === "Connection lost");
  check("and said", await page.locator("#lost").isVisible());
  await shot(page, "lost");
  server = await start(server.port);
  await becomes("a server that is back is found", () => text("#connection"), (t) => t === "Connected");
  check("the banner is gone", !(await page.locator("#lost").isVisible()));
  await page.selectOption("#type", "expression");
  await page.click("#submit-one");
  await becomes("and works", () => text("#total-completed"), (t) => t === "1");
  await page.close();
  await server.stop();

  server = await start(0, [], { POOLCRAFT_TOKEN: "a token for this test" });
  const guarded = await browser.newPage();
  await guarded.goto(server.url);
  check("with a token there is a form", await guarded.locator("input[type=password]").count() === 1);
  await nothing_serious(guarded, "in the form");
  await guarded.fill("#token", "another token");
  await guarded.click("button");
  check("a wrong token is refused", (await guarded.locator("[role=alert]").innerText()).includes("not the token"));
  await guarded.fill("#token", "a token for this test");
  await guarded.click("button");
  await becomes("the right one opens the page", () => guarded.locator("#connection").textContent(),
    (t) => t === "Connected");
  const [cookie] = await browser.cookies(server.url);
  check("by a cookie that scripts and other sites do not get", cookie.httpOnly && cookie.sameSite === "Strict");
  check("and that is not the token", !cookie.value.includes("token"));
} catch (problem) {
  check("the test came to its end", false, problem.stack);
} finally {
  await browser.close();
  await server.stop();
  rmSync(profile, { recursive: true, force: true });
}
conclude();
