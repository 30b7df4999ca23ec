// Bundles the page into ../dist: one script, one stylesheet, both gzipped, and the licences of all that is in them.
import { build } from 'esbuild';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);

// GraphiQL's stylesheet carries 360 kB of fonts as data. Without them the reader's own fonts are used.
const withoutFonts = {
  name: 'without-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /graphiql\/dist\/style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

function packagesOf(metafile) {
  const packages = Object.keys(metafile.inputs).map(path => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  return [...new Set(packages.filter(Boolean))].sort();
}

async function licenceOf(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry));
  const text = file ? (await readFile(`${folder}/${file}`, 'utf8')).trim() : '';
  return { title: `${name} ${version} (${license})`, text };
}

// Many packages share one text to the letter, so each text is written once, below the packages it covers.
function licencesText(licences) {
  const titlesByText = new Map();
  for (const { title, text } of licences) {
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), title]);
  }
  const sections = [...titlesByText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}`.trim());
  return sections.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

const { outputFiles, metafile } = await build({
  entryPoints: { app: 'src/main.tsx' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  metafile: true,
  write: false,
  plugins: [withoutFonts],
});

for (const { path, contents } of outputFiles) {
  const name = path.split('/').pop();
  const gzipped = gzipSync(contents, { level: 9 });
  await writeFile(new URL(`${name}.gz`, dist), gzipped);
  console.log(`${name}: ${contents.length} bytes, ${gzipped.length} gzipped`);
}
const licences = await Promise.all(packagesOf(metafile).map(licenceOf));
await writeFile(new URL('LICENSES.txt', dist), licencesText(licences));
