// What a browser fetches for the first view of each page of a site, before anybody scrolls: bytes as they lie on the disk, without gzip.
//
//     npm install --no-save playwright-core
//     node benches/weights.mjs SITE CHROMIUM [ROWS]
//
// A line a page and window (1440 pixels wide, and a phone of 390 with three pixels a unit), heaviest first.
import { createServer } from "node:http";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { chromium } from "playwright-core";

const [site, executablePath, rows = "20"] = process.argv.slice(2);
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", png: "image/png", svg: "image/svg+xml", woff2: "font/woff2" };
const ending = path => path.split("?")[0].split(".").pop();

// Bytes by kind, of the page that is open.
let served = {};
const server = createServer((request, response) => {
  const path = join(site, decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  if (!existsSync(path)) return response.writeHead(404).end();
  const body = readFileSync(path);
  const kind = ending(path);
  served[kind] = (served[kind] ?? 0) + body.length;
  response.writeHead(200, { "content-type": TYPES[kind] ?? "application/octet-stream" }).end(body);
}).listen(0, "127.0.0.1");

function pages(folder = "") {
  return readdirSync(join(site, folder), { withFileTypes: true }).flatMap(entry => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? pages(path) : path.endsWith(".html") ? [path] : [];
  });
}

async function weigh(context, path) {
  const page = await context.newPage();
  served = {};
  await page.goto(`http://127.0.0.1:${server.address().port}/${encodeURI(path)}`, { waitUntil: "networkidle" });
  await page.close();
  const kinds = served;
  return { bytes: Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0), kinds };
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const weights = [];
for (const [width, height, deviceScaleFactor] of [[1440, 900, 1], [390, 844, 3]]) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor });
  for (const path of pages()) weights.push({ width, path, ...await weigh(context, path) });
  await context.close();
}
weights.sort((a, b) => b.bytes - a.bytes);
for (const { width, path, bytes, kinds } of weights.slice(0, Number(rows))) {
  const parts = Object.entries(kinds).map(([kind, size]) => `${kind} ${(size / 1e3).toFixed(0)}`).join(", ");
  console.log(`${(bytes / 1e3).toFixed(0).padStart(6)} KB  ${String(width).padStart(4)}  ${path}  (${parts})`);
}
await browser.close();
server.close();
