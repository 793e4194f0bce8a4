// Draws the figures with knobs of pages of a built site again, under Node and with their published parameters, by the site's own modules, and
// compares the drawings with those that stand on the pages, byte by byte: `node lab/drawn.mjs SITE PAGE...`. The exit code is 1 if one differs.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";

const [site, ...pages] = process.argv.slice(2);
const compiled = {};

function instance(lab, name) {
  compiled[name] ??= new WebAssembly.Module(gunzipSync(Buffer.from(lab.modules[name], "base64")));
  return new WebAssembly.Instance(compiled[name], { octavo: { octavo_progress() {} } }).exports;
}

function ask(lab, name, parts) {
  const own = instance(lab, name), message = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const told = () => Buffer.from(own.memory.buffer, own.octavo_text(), own.octavo_length());
  const place = own.octavo_room(message.length);
  new Uint8Array(own.memory.buffer, place, message.length).set(message);
  try {
    own.octavo_run();
  } catch (error) {
    throw new Error(`${name}: ${error.message}: ${told()}`);
  }
  const all = Buffer.from(told()), end = all.indexOf(10);
  return { ...JSON.parse(end < 0 ? all : all.subarray(0, end)), bytes: end < 0 ? Buffer.alloc(0) : all.subarray(end + 1) };
}

function loaded(page, button, wish) {
  const lab = { modules: {} };
  const octavoLab = {
    figure(name, own) { lab.figure = own; },
    language(own) { lab.language = own; },
    tasks(id, own) { lab.tasks = own; },
    module(name, text) { lab.modules[name] = text; },
  };
  const load = (path) => runInNewContext(readFileSync(path, "utf8"), { octavoLab });
  for (const key of ["figure", "language", "tasks"]) load(join(dirname(page), decodeURIComponent(button[key])));
  for (const name of [lab.tasks.module, "figure"]) load(join(site, "lab", `${name}.js`));
  return lab;
}

// The drawings of the figure on the page, with the pictures beside it put in place.
function published(page, html) {
  const picture = (_, key, path) => `${key}="data:image/png;base64,${readFileSync(join(dirname(page), decodeURIComponent(path))).toString("base64")}"`;
  return [...html.matchAll(/<svg [^>]*class="scene"[^]*?<\/svg>/g)].map(([svg]) => svg.replace(/\b(src|href)="([^":#]+\.png)"/g, picture).replaceAll(' loading="lazy"', ""));
}

let bad = 0, count = 0;
for (const page of pages) {
  const path = join(site, page), html = readFileSync(path, "utf8");
  for (const [, id, inside] of html.matchAll(/<figure id="([^"]*)"([^]*?)<\/figure>/g)) {
    const found = inside.match(/<button class="recompute tune"([^>]*)>/);
    if (!found) continue;
    count += 1;
    const start = performance.now();
    const button = Object.fromEntries([...found[1].matchAll(/data-(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const lab = loaded(path, button);
    const given = lab.tasks.tasks.map(([, task, digests]) => {
      const answer = ask(lab, lab.tasks.module, [task, "\n", JSON.stringify({ give: Object.keys(digests) })]);
      if (!answer.done) throw new Error(`${page} ${id}: ${answer.failed}`);
      return answer;
    });
    const computed = performance.now();
    const answer = ask(lab, "figure", ['"figure"\n', lab.figure.definition, "\n", lab.language, "\n", JSON.stringify(given.map(({ done }) => done.given)), "\n", ...given.map(({ bytes }) => bytes)]);
    if (!answer.drawn) throw new Error(`${page} ${id}: ${answer.failed}`);
    const here = answer.drawn.frames.flatMap((frame) => frame.slice(1)), there = published(path, inside);
    const same = JSON.stringify(here) === JSON.stringify(there);
    bad += !same;
    const [one, two] = [here, there].map((drawings) => drawings.join(""));
    const at = same ? "" : ` at ${[...one].findIndex((letter, index) => letter !== two[index])} of ${one.length} and ${two.length}`;
    console.log(`${same ? "the same" : "DIFFERENT"}${at} ${page} ${id}: computed in ${(computed - start).toFixed(0)} ms, drawn in ${(performance.now() - computed).toFixed(0)} ms`);
  }
}
console.log(`${count} figures compared`);
process.exit(bad > 0 || count === 0 ? 1 : 0);
