// What the camera sees, scored again and again (live.py). Pictures are taken as the encoder needs them and sent when the last
// ones were answered; the strip shows the last half minute. heat.js and camera.js stand in front of this file.

const QUALITY = 0.85; // of the JPEGs; below it blocks begin to look like edges
const EARLY_MS = 6; // a picture that comes so much before its time is taken: the next one would be far too late
const LATE_MS = 30_000; // the page answers in about a second, with or without a score
const TELL_MS = 4000; // a listener is told who leads at most so often
const DRAW_MS = 80; // the strip moves in steps that the eye takes for gliding
const ROW_PX = 30;
const LED_PX = 4; // the bar below a row while it leads
const KEPT_SECONDS = 1; // beside a window: what waits to be sent is no more than the server would keep
const CAMERA_SIGN = "M4 6h10a2 2 0 0 1 2 2v1.8L20.5 7a.6.6 0 0 1 .9.5v9a.6.6 0 0 1-.9.5L16 14.2V16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z";

/** One stream for one mount; `update` takes what the page says in each run. */
class LiveStream {
  constructor(root) {
    this.root = root;
    this.run = "";
    this.waiting = []; // pictures that were not sent yet: [moment in seconds, JPEG as base64]
    this.scores = [];
    this.sheet = document.createElement("canvas");
    this.video = el("video", { className: "picture", "aria-hidden": "true" });
    this.camera = new Camera(this.video, { lost: (trouble) => this.fail(trouble) });
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
    this.outer = el("div", { className: "outer" }, this.box);
    root.append(this.outer);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.box);
    this.go("idle");
  }

  build() {
    const button = (text, act, main = false) => el("button", { type: "button", className: main ? "main" : "", onclick: act }, text);
    this.start = button("Start the camera", () => this.begin(), true);
    this.stop = button("Stop", () => this.end());
    this.picker = el("select", { "aria-label": "Camera", onchange: () => this.begin(this.picker.value) });
    this.sorry = el("p", { className: "sorry", role: "alert" });
    this.blank = el("div", { className: "blank", "aria-hidden": "true" }, icon(CAMERA_SIGN));
    const lamp = el("div", { className: "lamp", "aria-hidden": "true" }, el("i"), el("span", {}, "live"));
    const stage = el("div", { className: "stage" }, this.video, this.blank, this.sorry, lamp);
    this.note = el("p", { className: "note" });
    const acts = el("div", { className: "acts" }, this.start, this.stop, this.picker);
    this.leader = el("p", { className: "leader" });
    this.ahead = el("p", { className: "ahead" });
    this.rows = el("ul", { className: "rows" });
    this.axis = el("div", { className: "axis", "aria-hidden": "true" });
    this.ramp = el("div", { className: "ramp" });
    this.ends = el("div", { className: "ends" });
    const legend = el("div", { className: "legend", "aria-hidden": "true" }, this.ramp, this.ends);
    this.told = el("p", { className: "told" });
    this.said = el("p", { className: "unseen", role: "status", "aria-live": "polite" });
    const foot = el("div", { className: "foot" }, this.told, legend);
    const panel = el("div", { className: "panel" }, this.leader, this.ahead, this.rows, this.axis, foot, this.said);
    const camera = el("div", { className: "camera" }, stage, acts);
    this.box = el("div", { className: "live", role: "group", "aria-label": "The camera, scored while it runs" }, camera, panel, this.note);
  }

  // -- what the page says ------------------------------------------------------------------------------------------

  update(data) {
    const before = this.data;
    this.data = data;
    if (!before || JSON.stringify([before.names, before.table, before.ends]) !== JSON.stringify([data.names, data.table, data.ends])) {
      this.buildRows();
    }
    const answer = data.answer;
    if (this.run && answer.run !== this.run) this.awaited = null; // the page began anew: what was sent went with the old stream
    else if (this.run && answer.number === this.awaited) this.answered(answer);
    if (!this.run && !this.stopped) this.scores = [];
    this.show();
  }

  buildRows() {
    const { data } = this;
    this.table = tableOf(data.table);
    this.lines = data.names.map((name) => {
      const canvas = el("canvas", { "aria-hidden": "true" });
      const value = el("strong", {}, "–");
      const percent = el("span", {}, "");
      const strip = el("div", { className: "band" }, canvas);
      const item = el("li", {}, el("span", { className: "name", title: name }, name), strip, el("span", { className: "value" }, value, percent));
      return { item, strip, canvas, value, percent };
    });
    this.rows.replaceChildren(...this.lines.map((line) => line.item));
    const colour = (level) => `rgb(${[0, 1, 2].map((channel) => this.table[3 * level + channel]).join(",")})`;
    this.ramp.style.background = `linear-gradient(90deg, ${[1, 32, 64, 96, 128, 160, 192, 224, 255].map(colour).join(",")})`;
    const same = data.ends.every((end) => end === data.ends[0]); // clips and words have scales of their own
    const texts = same ? [-data.ends[0], 0, data.ends[0]].map((value) => number(value)) : ["unlike", "0", "alike"];
    this.ends.replaceChildren(...texts.map((text) => el("span", {}, text)));
    this.axis.replaceChildren(el("span", {}, `${data.historySeconds} s ago`), el("span", {}, "now"));
    this.note.textContent =
      `The camera is asked for only when you press the button. The last ${(data.windowSeconds + KEPT_SECONDS).toFixed(1)} s of pictures ` +
      "are held in memory while it runs; nothing is stored, and nothing leaves this machine.";
    this.scores = [];
  }

  answered(answer) {
    this.awaited = null;
    this.trouble = answer.trouble;
    const last = this.scores.at(-1)?.at;
    this.scores = answer.scores.filter((one) => one.values.length === this.data.names.length);
    this.sentence = answer.sentence;
    const newest = this.scores.at(-1);
    if (newest && newest.at !== last) {
      this.paces = last === undefined ? [] : [...this.paces, newest.at - last].slice(-9); // the first one waited for the network
      this.delays = last === undefined ? [] : [...this.delays, this.now() - newest.at].slice(-9);
    }
    this.send();
  }

  // -- camera ------------------------------------------------------------------------------------------------------

  async begin(device = this.device ?? "") {
    this.end();
    this.stopped = false;
    this.go("asking");
    try {
      if (!(await this.camera.open(device))) return;
    } catch (error) {
      if (device && error.reason === "gone") {
        this.device = "";
        this.begin(""); // the chosen camera is not there any more: any other will do
        return;
      }
      this.fail(error);
      return;
    }
    this.device = this.camera.deviceId;
    Object.assign(this, { run: nextName(), number: 0, awaited: null, waiting: [], scores: [], paces: [], delays: [], trouble: "", due: 0, sent: 0 });
    this.sentence = "";
    this.since = performance.now();
    this.go("running");
    this.listCameras();
    this.watch(this.run);
    this.glide(this.run);
  }

  async listCameras() {
    const found = await cameras().catch(() => []);
    if (this.closed) return;
    this.picker.replaceChildren(...found.map((one) => el("option", { value: one.id, title: one.name }, one.name)));
    this.picker.value = this.camera.deviceId;
    this.picker.hidden = this.step !== "running" || found.length < 2;
  }

  /** The camera off, and the server told to let the pictures go. What was scored stays to be looked at. */
  end() {
    const run = this.run;
    this.ended = run ? this.now() : this.ended;
    this.run = "";
    this.waiting = [];
    this.camera.stop();
    if (!run) return;
    this.stopped = true;
    if (!this.closed) this.trigger("batch", { run, number: 0, end: true });
    this.go("idle");
  }

  fail(error) {
    this.end();
    this.go("idle");
    this.sorry.textContent = error.reason ? error.message : new CameraTrouble("unknown", error.name).message;
  }

  now() {
    return (performance.now() - this.since) / 1000;
  }

  // -- pictures ----------------------------------------------------------------------------------------------------

  /** Looks at every picture of the camera, as long as this run goes on. */
  watch(run) {
    const again = () => run === this.run && this.watch(run);
    const seen = () => {
      if (run !== this.run) return;
      this.take();
      this.send();
      again();
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(seen);
    else setTimeout(seen, 1000 / this.data.fps);
  }

  /** Keep a picture if one is due: as the camera saw it, not as in the mirror. */
  take() {
    const now = performance.now() - this.since;
    const { videoWidth: wide, videoHeight: tall } = this.video;
    if (!wide || !tall || now < this.due - EARLY_MS) return;
    const step = 1000 / this.data.fps;
    this.due = Math.max(this.due + step, now + step / 2);
    const scale = Math.min(this.data.shortSide / Math.min(wide, tall), 1);
    const [width, height] = [Math.round(wide * scale), Math.round(tall * scale)];
    if (this.sheet.width !== width || this.sheet.height !== height) Object.assign(this.sheet, { width, height });
    this.sheet.getContext("2d").drawImage(this.video, 0, 0, width, height);
    const text = this.sheet.toDataURL("image/jpeg", QUALITY);
    this.waiting.push([Number((now / 1000).toFixed(3)), text.slice(text.indexOf(",") + 1)]);
    const oldest = now / 1000 - this.data.windowSeconds - KEPT_SECONDS;
    while (this.waiting[0][0] < oldest || this.waiting.length > this.data.most) this.waiting.shift();
  }

  /** Everything that waits, when it is time and the last message was answered. */
  send() {
    const now = performance.now();
    if (this.awaited && now - this.sent > LATE_MS) {
      this.awaited = null;
      this.trouble = "The page does not answer. It is asked again.";
    }
    if (!this.run || this.awaited || !this.waiting.length || now - this.sent < 1000 * this.data.everySeconds) return;
    const pictures = this.waiting.splice(0);
    this.number += 1;
    this.awaited = this.number;
    this.sent = now;
    this.trigger("batch", {
      run: this.run, number: this.number, moments: pictures.map(([moment]) => moment), jpegs: pictures.map(([, text]) => text),
    });
  }

  // -- what is seen ------------------------------------------------------------------------------------------------

  go(step) {
    const within = this.box.contains(this.root.getRootNode().activeElement);
    this.step = step;
    this.box.dataset.step = step;
    this.start.hidden = step !== "idle";
    this.stop.hidden = step === "idle";
    this.picker.hidden = step !== "running" || this.picker.options.length < 2;
    this.sorry.textContent = "";
    if (within) (step === "idle" ? this.start : this.stop).focus(); // the button that was pressed has gone
    if (this.data) this.show();
  }

  show() {
    const newest = this.scores.at(-1);
    const led = newest && newest.leader !== null ? this.data.names[newest.leader] : "";
    const waits = !newest;
    this.leader.textContent = waits ? (this.step === "running" ? "Watching" : "The camera is off") : led || "Nothing stands out";
    this.leader.dataset.led = led ? "yes" : "no";
    this.ahead.textContent = waits ? "" : led ? this.sentence.slice(led.length).replace(/^, /, "") : "none of these is nearer than other clips of the library are";
    this.told.textContent = this.status(newest);
    this.lines.forEach((line, row) => {
      const [value, percent] = newest ? [newest.values[row], newest.percents[row]] : [null, null];
      line.value.textContent = value === null ? "–" : number(value);
      line.percent.textContent = percent === null ? "" : `${Math.floor(percent)} %`;
      line.item.dataset.led = newest && newest.leader === row ? "yes" : "no";
    });
    this.box.dataset.scores = String(this.scores.length);
    this.tell(waits ? "" : this.sentence);
    this.draw();
  }

  status(newest) {
    if (this.step === "asking") return "Asking for the camera. Your browser may ask you to allow it.";
    if (this.step === "idle") return this.stopped && newest ? "Stopped. The pictures are forgotten." : "";
    if (this.trouble) return this.trouble;
    const short = this.data.windowSeconds - this.now();
    if (!newest && short > 0) return `The encoder looks at ${this.data.windowSeconds.toFixed(1)} s at a time: ${short.toFixed(1)} s to go.`;
    if (!newest) return "The first score takes longest: the network is being loaded.";
    if (!this.paces.length) return "";
    return `Scored every ${middle(this.paces).toFixed(1)} s on this machine, ${middle(this.delays).toFixed(1)} s after the camera saw it.`;
  }

  /** To those who listen: not more often than they can hear, and nothing twice. */
  tell(sentence) {
    const now = performance.now();
    if (!sentence || this.step !== "running" || now - (this.toldAt ?? -TELL_MS) < TELL_MS) return;
    const text = sentence.replace(/ by [-−0-9.]+$/, ""); // the number changes all the time
    if (text === this.said.textContent) return;
    this.said.textContent = text;
    this.toldAt = now;
  }

  /** The strip moves while the camera runs, unless the browser is asked for calm: then it moves with each score. */
  glide(run) {
    if (run !== this.run || this.closed) return;
    if (!this.still.matches && !document.hidden) this.draw();
    if (!this.scores.length) this.told.textContent = this.status();
    setTimeout(() => requestAnimationFrame(() => this.glide(run)), DRAW_MS);
  }

  draw() {
    if (!this.lines) return;
    const until = this.run ? (this.still.matches ? this.scores.at(-1)?.at ?? 0 : this.now()) : (this.ended ?? 0);
    for (const [row, line] of this.lines.entries()) {
      const width = line.strip.clientWidth;
      const pen = fitted(line.canvas, width, ROW_PX);
      if (!pen) continue;
      const x = (seconds) => width * (1 - (until - seconds) / this.data.historySeconds);
      this.scores.forEach((one, place) => this.cell(pen, row, one, this.scores[place - 1], x));
    }
  }

  cell(pen, row, one, before, x) {
    const { ends, windowSeconds, colours } = this.data;
    const end = ends[row];
    const from = Math.max(before ? before.at : one.at - 0.5, one.at - windowSeconds);
    const level = Math.round(between((one.values[row] + end) / (2 * end), 0, 1) * 254) + 1;
    const [left, right] = [Math.round(x(from)), Math.round(x(one.at))];
    if (right <= 0) return;
    pen.fillStyle = `rgb(${[0, 1, 2].map((channel) => this.table[3 * level + channel]).join(",")})`;
    pen.fillRect(left, 0, right - left, ROW_PX - LED_PX - 2);
    if (one.leader !== row) return;
    pen.fillStyle = colours.accent;
    pen.fillRect(left, ROW_PX - LED_PX, right - left, LED_PX);
  }

  close() {
    this.closed = true;
    this.end();
    this.camera.close();
    this.resized.disconnect();
    this.outer.remove();
  }
}

function middle(values) {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)];
}

/** A name that no stream of any tab has had. */
function nextName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let stream = mounted.get(parentElement);
  if (!stream) {
    stream = new LiveStream(parentElement);
    mounted.set(parentElement, stream);
  }
  stream.trigger = setTriggerValue;
  stream.update(data);
  return () => {
    stream.close();
    mounted.delete(parentElement);
  };
}
