// What the heatmap (canvas.js) and the players (players.js) share. Put in front of both files, so nothing here is exported.

const TRIALS = 3;
const AGAIN_MS = 600;

/** An element; `made` sets properties and attributes, children are elements or plain text. Text is only ever text. */
function el(name, made = {}, ...children) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(made)) {
    if (key.startsWith("on")) one.addEventListener(key.slice(2), value);
    else if (key in one && typeof value !== "string") one[key] = value;
    else one.setAttribute(key === "className" ? "class" : key, value);
  }
  one.append(...children.filter((child) => child !== null && child !== undefined));
  return one;
}

/** An icon of 24 x 24 from one path of our own. */
function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["width", "20"], ["height", "20"], ["aria-hidden", "true"]]) {
    svg.setAttribute(key, value);
  }
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", "currentColor");
  svg.append(line);
  return svg;
}

const between = (value, low, high) => Math.min(Math.max(value, low), high);

/** "1.24 s", "2:05.20": seconds as people read them beside a film. */
function clock(seconds) {
  const whole = Math.max(0, seconds);
  if (whole < 60) return `${whole.toFixed(2)} s`;
  return `${Math.floor(whole / 60)}:${(whole % 60).toFixed(2).padStart(5, "0")}`;
}

/** Two decimals, a true minus sign, none before a zero. */
function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A picture, asked for again where it did not come: between two runs of a page its files may be gone for a moment. */
async function loaded(url) {
  for (let trial = 1; ; trial += 1) {
    const picture = new Image();
    picture.src = url;
    try {
      await picture.decode();
      return picture;
    } catch (error) {
      if (trial === TRIALS) throw error;
      await new Promise((done) => setTimeout(done, AGAIN_MS * trial));
    }
  }
}

/** The levels of an 8-bit grey PNG, (rows * columns) bytes, row by row: 0 no value, 1 to 255 from low to high. */
async function levelsOf(url, rows, columns) {
  const picture = await loaded(url);
  const sheet = document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows;
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0);
  const pixels = pen.getImageData(0, 0, columns, rows).data;
  const levels = new Uint8Array(rows * columns);
  for (let at = 0; at < levels.length; at += 1) levels[at] = pixels[4 * at + 3] ? pixels[4 * at] : 0;
  return levels;
}

const valueOf = (level, low, high) => (level ? low + ((level - 1) / 254) * (high - low) : NaN);

/** 256 colours out of a text of hex digits, six for each. */
function tableOf(hex) {
  const table = new Uint8Array(768);
  for (let at = 0; at < 768; at += 1) table[at] = parseInt(hex.substr(2 * at, 2), 16);
  return table;
}

/** A picture of one pixel a cell. */
function coloured(levels, rows, columns, table) {
  const sheet = document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows;
  const pen = sheet.getContext("2d");
  const image = pen.createImageData(columns, rows);
  for (let at = 0; at < levels.length; at += 1) {
    const level = levels[at];
    image.data[4 * at] = table[3 * level];
    image.data[4 * at + 1] = table[3 * level + 1];
    image.data[4 * at + 2] = table[3 * level + 2];
    image.data[4 * at + 3] = level ? 255 : 46;
  }
  pen.putImageData(image, 0, 0);
  return sheet;
}

/** Black or white, whichever reads better on that colour: equal contrast is at a luminance of 0.18 (WCAG 2). */
function inkOn(table, level) {
  const [red, green, blue] = [0, 1, 2].map((channel) => (table[3 * level + channel] / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18 ? "#FFFFFF" : "#111827";
}

/** Make a canvas sharp on its screen; its pen draws in CSS pixels. Gives null while it has no size. */
function fitted(canvas, width, height) {
  const dense = window.devicePixelRatio || 1;
  const [wide, tall] = [Math.round(width * dense), Math.round(height * dense)];
  if (wide < 1 || tall < 1) return null;
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/** `text`, its middle left out where it is too long. */
function brief(pen, text, most) {
  let [kept, cut] = [text, text.length];
  while (cut > 4 && pen.measureText(kept).width > most) {
    cut -= 2;
    kept = `${text.slice(0, cut / 2)}…${text.slice(text.length - cut / 2)}`;
  }
  return kept;
}

/** Round numbers between two ends, at most so many. */
function round(low, high, most) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((one) => (high - low) / one <= Math.max(most, 1)) ?? 7200;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9; at += 1) found.push(Number((at * step).toFixed(1)));
  return found;
}

function line(pen, points, colour, width) {
  pen.beginPath();
  points.forEach(([x, y]) => pen.lineTo(x, y));
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.stroke();
}

function cursor(pen, colour, x, y, toX, toY) {
  line(pen, [[x, y], [toX, toY]], colour, 1.5);
}

/** The place of a moment among cells whose middles are `middles` seconds; cells need not be evenly spaced. */
function cellAt(seconds, middles) {
  const last = middles.length - 1;
  if (last < 1) return 0.5;
  let at = middles.findIndex((middle) => middle > seconds) - 1;
  at = at === -2 ? last - 1 : between(at, 0, last - 1);
  return at + 0.5 + (seconds - middles[at]) / (middles[at + 1] - middles[at] || 1);
}

/** The other way round. */
function secondsAt(place, middles) {
  const last = middles.length - 1;
  if (last < 1) return middles[0];
  const at = between(Math.floor(place - 0.5), 0, last - 1);
  return middles[at] + (place - 0.5 - at) * (middles[at + 1] - middles[at]);
}
