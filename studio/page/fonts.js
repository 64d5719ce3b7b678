// The fonts of captions: files of the worker, and what the page has to know of them.

const POST = 0x706f7374, HEAD = 0x68656164;
const SYSTEM = { family: "Arial, sans-serif", underline: 0.106, thickness: 0.073 };
const loaded = new Map();

function tables(view) {
  const found = {};
  for (let at = 12, left = view.getUint16(4); left > 0; at += 16, left -= 1) {
    found[view.getUint32(at)] = view.getUint32(at + 8);
  }
  return found;
}

// Place and thickness of the line under a word, as parts of the em; the place is below the baseline.
function lineUnder(buffer) {
  const view = new DataView(buffer);
  const at = tables(view);
  const em = view.getUint16(at[HEAD] + 18);
  return {
    underline: -view.getInt16(at[POST] + 8) / em,
    thickness: view.getInt16(at[POST] + 10) / em,
  };
}

async function load(url) {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`The font ${url} cannot be loaded; reload the page.`);
  const buffer = await reply.arrayBuffer();
  const family = `captions-${loaded.size}`;
  // Without a range of weights the browser would make a heavy font heavier.
  const face = await new FontFace(family, buffer, { weight: "100 900" }).load();
  document.fonts.add(face);
  return { family, ...lineUnder(buffer) };
}

// The face for `Painter`. font: as in the server's `captions`; without a `url` it is one of the machine.
export function faceOf({ url, family }) {
  if (!url) {
    const name = JSON.stringify(family || "Arial");
    return Promise.resolve({ ...SYSTEM, family: `${name}, ${SYSTEM.family}` });
  }
  if (!loaded.has(url)) loaded.set(url, load(url));
  return loaded.get(url);
}
