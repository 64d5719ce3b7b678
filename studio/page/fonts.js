// The fonts of captions: files of the worker, and what the page has to know of them.

const POST = 0x706f7374, HEAD = 0x68656164, OS2 = 0x4f532f32;
const SYSTEM = { underline: 0.106, thickness: 0.073, capital: 0.64 };
const loaded = new Map();

function placesOf(view) {
  const found = {};
  for (let at = 12, left = view.getUint16(4); left > 0; at += 16, left -= 1) {
    found[view.getUint32(at)] = view.getUint32(at + 8);
  }
  return found;
}

// What libass reads of a font file, as parts of the em; `capital` is the height of capitals as a part of
// ascent and descent together, which are the size of a style.
function lengthsOf(buffer) {
  const view = new DataView(buffer);
  const places = placesOf(view);
  const em = view.getUint16(places[HEAD] + 18);
  const [up, down] = [view.getUint16(places[OS2] + 74), view.getUint16(places[OS2] + 76)];
  return {
    ascent: up / em,
    descent: down / em,
    underline: -view.getInt16(places[POST] + 8) / em,
    thickness: view.getInt16(places[POST] + 10) / em,
    capital: view.getInt16(places[OS2] + 88) / (up + down) || SYSTEM.capital,
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
  return { family, ...lengthsOf(buffer) };
}

// The face for `Painter`. font: as in the server's `captions`. One without a `url` is a font of the
// machine, whose ascent and descent are not known here.
export function faceOf({ url, family }) {
  if (!url) return Promise.resolve({ ...SYSTEM, family: `${JSON.stringify(family)}, sans-serif` });
  if (!loaded.has(url)) {
    const face = load(url);
    // What failed once may be there at the next try.
    face.catch(() => loaded.delete(url));
    loaded.set(url, face);
  }
  return loaded.get(url);
}
