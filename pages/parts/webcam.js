// Records a take with the camera: asked for by a click, counted down, looked at, then used or recorded anew (webcam.py).
// Only "Use this take" hands anything to the page; until then the film is in this tab's memory and nowhere else.

const COUNT_FROM = 3;
const COUNT_MS = 1000;
const PIECE_MS = 250; // so often the recorder says how much there is
const HAND_MS = 60_000; // a page that says nothing about a take for so long has lost it
const STEPS = {
  idle: "The camera is off.",
  asking: "Asking for the camera. Your browser may ask you to allow it.",
  ready: "The camera is on. The preview is a mirror; the take is recorded as others see you.",
  counting: "Get ready.",
  recording: "Recording.",
  closing: "Finishing the take.",
  review: "This is your take, as others see you. Use it, or record it anew.",
  handing: "Handing the take over.",
  used: "This take is in use.",
  trouble: "The camera is not in use.",
};
const takesMade = new Map(); // by key: the length that was set and the camera that was chosen, kept while the tab is open

/** One recorder for one mount; `update` takes what the page says in each run. */
class Recorder {
  constructor(root) {
    this.root = root;
    this.step = "idle";
    this.film = null; // {blob, url, id} of the take that was recorded last
    this.clocks = new Set();
    this.video = el("video", { className: "picture", "aria-hidden": "true" });
    this.camera = new Camera(this.video, { lost: (trouble) => this.fail(trouble) });
    this.build();
    this.outer = el("div", { className: "outer" }, this.box); // what the style measures
    root.append(this.outer);
    this.plugged = () => this.listCameras();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.plugged);
  }

  build() {
    const button = (text, act, main = false) =>
      el("button", { type: "button", className: main ? "main" : "", onclick: act }, text);
    this.count = el("div", { className: "count", "aria-hidden": "true" });
    this.lamp = el("div", { className: "lamp", "aria-hidden": "true" }, el("i"), el("span"));
    this.gone = el("div", { className: "gone" });
    this.blank = el("div", { className: "blank", "aria-hidden": "true" }, icon(CAMERA_SIGN));
    this.sorry = el("p", { className: "sorry", role: "alert" });
    const bar = el("div", { className: "bar", "aria-hidden": "true" }, this.gone);
    this.stage = el("div", { className: "stage" }, this.video, this.blank, this.sorry, this.count, this.lamp, bar);
    this.told = el("p", { className: "told", role: "status", "aria-live": "polite" });
    this.buttons = {
      start: button("Use the camera", () => this.start(), true),
      again: button("Try again", () => this.start(), true),
      record: button("Record", () => this.countDown(), true),
      off: button("Switch off", () => this.rest()),
      stop: button("Stop", () => this.stopEarly(), true),
      cancel: button("Cancel", () => this.cancel()),
      use: button("Use this take", () => this.use(), true),
      retake: button("Retake", () => this.start()),
      drop: button("Throw away", () => this.rest()),
      another: button("Record another", () => this.start()),
    };
    this.seconds = el("input", { type: "range", step: "1", oninput: () => this.setLength() });
    this.length = el("output", {});
    this.picker = el("select", { onchange: () => this.start(this.picker.value) });
    this.pickerRow = el("label", { className: "field" }, el("span", {}, "Camera"), this.picker);
    this.lengthRow = el("label", { className: "field" }, el("span", {}, "Length"), this.seconds, this.length);
    this.note = el("p", { className: "note" });
    const acts = el("div", { className: "acts" }, ...Object.values(this.buttons));
    const panel = el("div", { className: "panel" }, this.told, acts, this.lengthRow, this.pickerRow, this.note);
    const keys = (event) => {
      if (event.key === "Escape" && ["counting", "recording"].includes(this.step)) this.cancel();
    };
    this.box = el("div", { className: "webcam", role: "group", "aria-label": "Record with the camera", onkeydown: keys }, this.stage, panel);
  }

  // -- what the page says ------------------------------------------------------------------------------------------

  update(data) {
    const first = !this.data;
    this.data = data;
    this.note.textContent = data.note;
    if (first) {
      const kept = takesMade.get(data.key) ?? {};
      this.seconds.min = data.least;
      this.seconds.max = data.most;
      this.seconds.value = kept.seconds ?? data.seconds;
      this.device = kept.device ?? "";
      this.setLength();
    }
    if (this.step === "handing" && data.handled === this.film?.id) {
      clearTimeout(this.late);
      if (data.trouble) this.go("review", data.trouble);
      else this.go("used");
    } else if (this.step === "used" && !data.taken) {
      this.rest(); // thrown away below
    } else if (first && data.taken) {
      this.show(data.taken);
    } else if (first) {
      this.go("idle");
    }
  }

  /** A take of before, when the piece comes back to the page. */
  show(taken) {
    this.play(taken.url);
    this.go("used");
  }

  // -- camera ------------------------------------------------------------------------------------------------------

  async start(device = this.device) {
    this.forget();
    this.go("asking");
    try {
      if (!recordable() && !cameraBarred()) throw new CameraTrouble("unrecordable");
      if (!(await this.camera.open(device))) return;
    } catch (error) {
      if (device && error.reason === "gone") {
        this.device = "";
        this.start(""); // the chosen camera is not there any more: any other will do
        return;
      }
      this.fail(error);
      return;
    }
    this.device = this.camera.deviceId;
    this.keep();
    this.go("ready");
    this.listCameras();
  }

  async listCameras() {
    const found = await cameras().catch(() => []);
    if (this.closed) return;
    this.picker.replaceChildren(...found.map((one) => el("option", { value: one.id, title: one.name }, one.name)));
    this.picker.value = this.camera.deviceId;
    this.pickerRow.hidden = this.step !== "ready" || found.length < 2;
  }

  fail(error) {
    this.drop();
    this.camera.stop();
    this.go("trouble", error.reason ? error.message : new CameraTrouble("unknown", error.name).message);
  }

  /** Camera off, take forgotten, back to the beginning. */
  rest() {
    this.drop();
    this.camera.stop();
    this.forget();
    this.go("idle");
  }

  // -- a take ------------------------------------------------------------------------------------------------------

  async countDown() {
    this.go("counting");
    const turn = (this.turn = Symbol("count"));
    for (let left = COUNT_FROM; left > 0; left -= 1) {
      this.count.textContent = String(left);
      this.say(`Recording starts in ${left}`);
      await new Promise((done) => this.later(done, COUNT_MS));
      if (turn !== this.turn || this.closed) return;
    }
    this.record();
  }

  record() {
    const type = recordable();
    const pieces = [];
    let bytes = 0;
    let recorder;
    try {
      recorder = new MediaRecorder(this.camera.stream, { mimeType: type, videoBitsPerSecond: this.data.bits });
    } catch {
      this.fail(new CameraTrouble("unrecordable"));
      return;
    }
    this.recorder = recorder;
    this.until = Number(this.seconds.value);
    recorder.ondataavailable = (event) => {
      pieces.push(event.data);
      bytes += event.data.size;
      if (bytes > this.data.bytes && recorder.state === "recording") recorder.stop(); // a camera that is far too good
    };
    recorder.onstart = () => {
      if (recorder !== this.recorder) return;
      this.since = performance.now();
      this.go("recording");
      this.tick(recorder);
    };
    recorder.onerror = () => recorder === this.recorder && this.fail(new CameraTrouble("gone"));
    recorder.onstop = () => {
      if (recorder !== this.recorder) return; // cancelled, or gone from the page
      this.recorder = null;
      this.camera.stop();
      this.look(new Blob(pieces, { type: type.split(";")[0] }));
    };
    recorder.start(PIECE_MS);
  }

  /** The bar, the clock and the end. A timer, since pictures for the screen stop when the tab is hidden. */
  tick(recorder) {
    if (recorder !== this.recorder || recorder.state !== "recording") return;
    const passed = (performance.now() - this.since) / 1000;
    this.took = passed;
    if (passed >= this.until) {
      this.go("closing");
      recorder.stop();
      return;
    }
    this.gone.style.width = `${(100 * passed) / this.until}%`;
    this.lamp.lastChild.textContent = `${Math.ceil(this.until - passed)} s`;
    this.later(() => this.tick(recorder), Math.min(50, 1000 * (this.until - passed)));
  }

  /** A click before the least length ends the take there. */
  stopEarly() {
    const passed = (performance.now() - this.since) / 1000;
    this.until = Math.min(this.until, Math.max(passed, this.data.least));
    if (passed < this.data.least) this.say(`Stopping at ${this.data.least} seconds, the least that shows an action.`);
  }

  cancel() {
    this.drop();
    if (this.camera.on) this.go("ready");
    else this.rest();
  }

  /** The take that is being recorded or waited for, if any, is none. */
  drop() {
    this.turn = null;
    this.clocks.forEach((one) => clearTimeout(one));
    this.clocks.clear();
    clearTimeout(this.late);
    const recorder = this.recorder;
    this.recorder = null;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  look(blob) {
    if (!blob.size) {
      this.fail(new CameraTrouble("unknown", "nothing was recorded"));
      return;
    }
    this.film = { blob, url: URL.createObjectURL(blob), id: "" };
    this.play(this.film.url);
    if (blob.size > this.data.bytes) this.go("trouble", "This take is too large to be handed over. Record a shorter one.");
    else this.go("review");
  }

  play(url) {
    Object.assign(this.video, { srcObject: null, src: url, loop: true, muted: true });
    this.video.play().catch(() => {});
  }

  use() {
    const film = this.film;
    film.id = nextName(); // anew for each try: what was refused for a reason that has passed may be used again
    this.go("handing");
    const reader = new FileReader();
    reader.onerror = () => this.go("trouble", "This take cannot be read any more. Record it anew.");
    reader.onload = () => {
      if (film !== this.film) return;
      const text = reader.result;
      this.trigger("take", { id: film.id, form: film.blob.type, bytes: film.blob.size, content: text.slice(text.lastIndexOf(",") + 1) });
      this.late = setTimeout(() => this.step === "handing" && this.go("review", "The take did not arrive. Use it again."), HAND_MS);
    };
    reader.readAsDataURL(film.blob);
  }

  forget() {
    if (this.film) URL.revokeObjectURL(this.film.url);
    this.film = null;
    if (this.video.src) {
      this.video.removeAttribute("src");
      this.video.load();
    }
  }

  // -- what is seen ------------------------------------------------------------------------------------------------

  go(step, trouble = "") {
    const within = this.box.contains(this.root.getRootNode().activeElement);
    this.step = step;
    this.box.dataset.step = step;
    const shown = {
      idle: ["start"],
      asking: ["off"],
      ready: ["record", "off"],
      counting: ["cancel"],
      recording: ["stop", "cancel"],
      closing: [],
      review: ["use", "retake", "drop"],
      handing: [],
      used: ["another"],
      trouble: ["again"],
    }[step];
    for (const [name, button] of Object.entries(this.buttons)) button.hidden = !shown.includes(name);
    this.lengthRow.hidden = !["idle", "asking", "ready", "trouble"].includes(step);
    this.pickerRow.hidden = step !== "ready" || this.picker.options.length < 2;
    this.gone.style.width = step === "recording" ? this.gone.style.width : "0";
    this.sorry.textContent = trouble;
    this.video.setAttribute("aria-hidden", ["review", "handing", "used"].includes(step) ? "false" : "true");
    this.video.setAttribute("aria-label", "Your take, playing in a loop without sound");
    const length = step === "review" && this.film ? ` It is ${this.took.toFixed(1)} seconds long.` : "";
    this.say(`${STEPS[step]}${length}`);
    if (within) this.buttons[shown[0]]?.focus(); // the button that was pressed has gone
  }

  say(text) {
    this.told.textContent = text;
  }

  setLength() {
    this.length.textContent = `${this.seconds.value} s`;
    this.keep();
  }

  keep() {
    takesMade.set(this.data.key, { seconds: this.seconds.value, device: this.device });
  }

  later(act, ms) {
    const one = setTimeout(() => {
      this.clocks.delete(one);
      act();
    }, ms);
    this.clocks.add(one);
  }

  close() {
    this.closed = true;
    this.drop();
    this.camera.close();
    this.forget();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.plugged);
    this.outer.remove();
  }
}

const CAMERA_SIGN = "M4 6h10a2 2 0 0 1 2 2v1.8L20.5 7a.6.6 0 0 1 .9.5v9a.6.6 0 0 1-.9.5L16 14.2V16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z";

/** A name that no take of any tab has had. */
function nextName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let recorder = mounted.get(parentElement);
  if (!recorder) {
    recorder = new Recorder(parentElement);
    mounted.set(parentElement, recorder);
  }
  recorder.trigger = setTriggerValue;
  recorder.update(data);
  return () => {
    recorder.close();
    mounted.delete(parentElement);
  };
}
