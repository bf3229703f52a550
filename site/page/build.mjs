// Bundle the page: `node build.mjs FOLDER`, a folder that holds data/ already. A second folder is
// that of another page over the same engine.
//
// Names of files end in a digest of their content, so that a browser may keep them for ever; only
// index.html, sw.js, data/index.json, the icon and the manifest keep theirs.

import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync, existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const page = process.argv[3] ?? here;

async function bundle(path, options = {}) {
  const { metafile } = await build({
    entryPoints: [path],
    outdir: out,
    absWorkingDir: dirname(path),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    logLevel: "error",
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".wasm": "file", ".woff2": "file" },
    ...options,
  });
  const ofEntry = ([, { entryPoint }]) => entryPoint === basename(path);
  return basename(Object.entries(metafile.outputs).find(ofEntry)[0]);
}

function files(folder = out) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [relative(out, path).replaceAll("\\", "/")];
  });
}

const worker = await bundle(join(here, "engine", "worker.js"), { splitting: true });
let html = readFileSync(join(page, "index.html"), "utf8");
for (const entry of ["app.js", "style.css"]) {
  if (!html.includes(`"${entry}"`)) continue;
  const name = await bundle(join(page, entry), { define: { WORKER: JSON.stringify(worker) } });
  html = html.replaceAll(`"${entry}"`, `"${name}"`);
}
writeFileSync(join(out, "index.html"), html);
for (const name of ["icon.svg", "manifest.webmanifest", "fonts/OFL.txt"]) {
  if (existsSync(join(page, name))) copyFileSync(join(page, name), join(out, basename(name)));
}
if (existsSync(join(page, "sw.js"))) {
  const digest = (name) => createHash("sha256").update(readFileSync(join(out, name))).digest("hex");
  // without a network the page does without a graphics processor, too
  const kept = files().filter((name) => !/^web(gl|gpu)-/.test(name)).sort();
  const define = { FILES: JSON.stringify(kept.map((name) => [name, digest(name)])) };
  await bundle(join(page, "sw.js"), { entryNames: "[name]", define });
}
