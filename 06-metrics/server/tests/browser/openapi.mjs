// /openapi.json, as it is served: that it is OpenAPI, and that real answers are as it says. (That it names all routes, and
// no others, is in api_test.cpp.)
//
//   node openapi.mjs [poolcraft-server]
import { check, conclude, skip, start } from "./server.mjs";

let Validator, Ajv;
try {
  ({ Validator } = await import("@seriousme/openapi-schema-validator"));
  Ajv = (await import("ajv")).default;
} catch {
  skip("@seriousme/openapi-schema-validator or ajv is missing; run `npm ci` in 06-metrics/server/tests/browser");
}

const kToken = "a token for this test";
const server = await start(0, [], { POOLCRAFT_TOKEN: kToken });
try {
  const ask = (path, options = {}) =>
    fetch(server.url.replace(/\/$/, "") + path,
      { redirect: "manual", ...options, headers: { Authorization: `Bearer ${kToken}`, ...options.headers } });
  const document = await (await ask("/openapi.json")).json();
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  check("the document is OpenAPI 3.0", valid && document.openapi === "3.0.3", JSON.stringify(errors));
  const broken = structuredClone(document);
  delete broken.paths["/api/stats"].get.responses;
  check("and one that is not would be noticed", !(await new Validator().validate(broken)).valid);

  const ajv = new Ajv({ strict: false });
  ajv.addSchema(document, "document");
  const escaped = (text) => encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
  const seen = new Set();
  // The answer's status and body are as the document says for that path.
  async function agrees(status, path, target = path, options = {}) {
    const method = (options.method ?? "GET").toLowerCase();
    const name = `${method.toUpperCase()} ${target} is ${status}, as described`;
    const answer = await ask(target, options);
    const text = await answer.text();
    const operation = document.paths[path]?.[method];
    let place = `#/paths/${escaped(path)}/${method}/responses/${status}`;
    let described = operation?.responses[status];
    if (described?.$ref) [place, described] = [described.$ref, document.components.responses[described.$ref.split("/").pop()]];
    if (answer.status !== status || !described) {
      return check(name, false, `${answer.status} ${described ? "" : "(not described) "}${text.slice(0, 200)}`);
    }
    seen.add(`${method} ${path}`);
    const type = (answer.headers.get("Content-Type") ?? "").split(";")[0];
    if (text && !described.content?.[type]) return check(name, false, `its type is ${type}`);
    if (type !== "application/json") return check(name, true);
    const holds = ajv.compile({ $ref: `document${place}/content/${escaped(type)}/schema` });
    check(name, holds(JSON.parse(text)), JSON.stringify(holds.errors));
    return JSON.parse(text);
  }
  const json = (body) =>
    ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const form = (body) => ({ method: "POST", body: new URLSearchParams(body) });
  const cancel = "/api/task/{id}/cancel";

  for (const path of ["/", "/health", "/metrics", "/openapi.json", "/api/stats", "/api/trace", "/api/types"]) {
    await agrees(200, path);
  }
  const id = (await agrees(200, "/api/submit", "/api/submit", json({ type: "expression", label: "described" }))).task_id;
  await agrees(200, "/api/submit", "/api/submit", form({ type: "expression", param: "1/0" }));
  await agrees(422, "/api/submit", "/api/submit", json({ type: "none" }));
  await agrees(400, "/api/submit", "/api/submit", { ...json({}), body: "{" });
  await agrees(415, "/api/submit", "/api/submit", { method: "POST", headers: { "Content-Type": "text/plain" }, body: "x" });
  await agrees(200, "/api/task/{id}", `/api/task/${id}`);
  await agrees(404, "/api/task/{id}", "/api/task/none");
  await agrees(200, "/api/tasks");
  await agrees(422, "/api/tasks", "/api/tasks?limit=0");
  await agrees(404, cancel, "/api/task/none/cancel", { method: "POST" });
  await agrees(403, "/api/clear-completed", "/api/clear-completed",
    { method: "POST", headers: { Origin: "http://evil.example" } });
  await agrees(303, "/login", "/login", form({ token: kToken }));
  await agrees(401, "/login", "/login", form({ token: "wrong" }));
  const wrong = { headers: { Authorization: "Bearer wrong" } };
  for (let i = 0; i < 9; ++i) await agrees(401, "/api/stats", "/api/stats", wrong);
  await agrees(429, "/api/stats", "/api/stats", wrong);
  await agrees(429, "/login", "/login", form({ token: "wrong" }));
  await server.stop();

  const open = await start();  // an address that has to wait would not get to these
  server.url = open.url;
  try {
    const heavy = [];  // more than two workers have done before the last is cancelled
    for (let i = 0; i < 30; ++i) {
      heavy.push((await (await ask("/api/submit", json({ type: "heavy", param: 800 }))).json()).task_id);
    }
    const last = `/api/task/${heavy.pop()}/cancel`;
    await agrees(200, cancel, last, { method: "POST" });
    await agrees(409, cancel, last, { method: "POST" });
    for (const task of heavy.reverse()) await ask(`/api/task/${task}/cancel`, { method: "POST" });
    await agrees(200, "/api/clear-completed", "/api/clear-completed", { method: "POST" });
    await agrees(200, "/api/shutdown", "/api/shutdown", { method: "POST" });
  } finally {
    await open.stop();
  }
  const left = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`)).filter((each) => !seen.has(each));
  check("each operation was tried", left.length === 0, left.join(", "));
} catch (problem) {
  check("the test came to its end", false, problem.stack);
} finally {
  await server.stop();
}
conclude();
