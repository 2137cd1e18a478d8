// What the tests here have in common: the server that they start, and what they say of it.
//
// A test ends with 0 if all checks held, 1 if one did not, and 77 (skipped) if something is missing on this machine.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

export function skip(why) {
  console.log(`SKIPPED: ${why}`);
  process.exit(77);
}

export const program = process.argv[2] ?? "../../../../build/clang/06-metrics/server/poolcraft-server";
if (!existsSync(program)) skip(`${program} is not built`);

let failed = 0;
export function check(name, holds, more = "") {
  console.log(`${holds ? "ok    " : "FAILED"} ${name}${holds ? "" : ` ${more}`}`);
  if (!holds) ++failed;
}
export function conclude() {
  console.log(failed ? `${failed} checks failed` : "all checks held");
  process.exit(failed ? 1 : 0);
}

// A server, as somebody starts it; port 0: one that is free.
export async function start(port = 0, words = [], environment = {}) {
  const server = spawn(program, ["--port", String(port), "--workers", "2", "--log-level", "off", ...words],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...environment } });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const line = await new Promise((resolve, reject) => {
    server.stdout.once("data", (data) => resolve(String(data)));
    ended.then(() => reject(new Error("the server has ended at once")));
  });
  const url = line.trim().replace(/^.*?(http:)/, "$1");
  return {
    url,
    port: Number(new URL(url).port),
    async stop() {
      server.kill("SIGTERM");
      const hurry = setTimeout(() => server.kill("SIGKILL"), 20000);
      await ended;
      clearTimeout(hurry);
    },
  };
}
