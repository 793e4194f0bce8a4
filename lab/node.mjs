// Runs a module under Node on tasks with known digests: `node lab/node.mjs MODULE CASES`, CASES having in each line
// { name, ask, digest, seconds? } as JSON, `ask` the task as text. It says how each ended; the exit code is 1 if one is not as known.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const [file, cases] = process.argv.slice(2);
const bytes = readFileSync(file);
const module = new WebAssembly.Module(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
let bad = 0;

for (const { name, ask, digest, seconds } of readFileSync(cases, "utf8").trim().split("\n").map((line) => JSON.parse(line))) {
  // A fresh instance a task, as in the page: nothing of the task before is left.
  const { exports } = new WebAssembly.Instance(module, { octavo: { octavo_progress() {} } });
  const text = () => new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.octavo_text(), exports.octavo_length()));
  const task = new TextEncoder().encode(ask);
  // The call may move the memory, so it comes first.
  const place = exports.octavo_room(task.length);
  new Uint8Array(exports.memory.buffer, place, task.length).set(task);
  const start = performance.now();
  let answer;
  try {
    exports.octavo_run();
    answer = JSON.parse(text());
  } catch (error) {
    answer = { failed: `${error.message}: ${text()}` };
  }
  const took = (performance.now() - start) / 1000;
  const good = answer.done !== undefined && answer.done.digest.startsWith(digest);
  bad += !good;
  const memory = (exports.memory.buffer.byteLength / 2 ** 20).toFixed(0);
  const ratio = seconds ? `, ${(took / seconds).toFixed(1)} times native` : "";
  console.log(`${good ? "the same" : "DIFFERENT"} ${name}: ${took.toFixed(3)} s${ratio}, ${memory} MB${good ? "" : ` ${JSON.stringify(answer)}, known is ${digest}`}`);
}
process.exit(bad > 0 ? 1 : 0);
