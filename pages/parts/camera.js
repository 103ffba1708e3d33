// Asking for the camera, and giving it back. Put in front of the pieces that look through it (the recorder, the live piece).
//
//   const camera = new Camera(video, { lost: (trouble) => tell(trouble.message) });
//   await camera.open(deviceId); // only from a click; throws a CameraTrouble, whose message is a sentence for people
//   camera.close(); // when the piece goes, and as soon as nobody needs the picture
//
// The element shows the stream; `camera.stream` is what a MediaRecorder takes. Nothing is mirrored here: that is for styles.

const CAMERA_WIDE = 640; // networks look at 224 pixels a side, people and joints at little more
const CAMERA_TALL = 480;
const CAMERA_FPS = 30;
const HIDDEN_MS = 60_000; // a tab that nobody sees for so long gives the camera back
const RECORDABLE = [
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/mp4;codecs=avc1.42E01F",
  "video/mp4;codecs=avc1",
  "video/mp4",
  "video/webm",
]; // what the decoder reads too, best first
const CAMERA_SAYS = {
  insecure:
    "This browser lets a page see the camera only over https or at localhost, and this page came another way. " +
    "Open Motionbook at localhost on its own machine, or have it served over https.",
  unsupported: "This browser has no way to a camera. Use a current Chrome, Edge, Firefox or Safari, or drop a clip in.",
  unrecordable: "This browser can record no video that can be read here. Use a current Chrome, Edge, Firefox or Safari.",
  missing: "No camera was found. Plug one in or switch it on, then try again.",
  refused:
    "The camera was refused to this page. Allow it with the sign beside the address, then try again.",
  dismissed: "The question about the camera was closed without an answer. Try again and choose Allow.",
  system: "The operating system keeps the camera from this browser. Allow it in the system's privacy settings, then try again.",
  busy: "The camera does not answer: another program may hold it. Close that program, then try again.",
  gone: "The camera went away. Plug it in again or choose another one, then try again.",
  hidden: "The camera was switched off because this tab was out of sight for a minute.",
  unknown: "The camera cannot be used. Check that it works elsewhere, then try again.",
};

/** Why there is no picture: `reason` is a key of CAMERA_SAYS, `message` its sentence. */
class CameraTrouble extends Error {
  constructor(reason, detail = "") {
    super(detail ? `${CAMERA_SAYS[reason]} (${detail})` : CAMERA_SAYS[reason]);
    this.reason = reason;
  }
}

/** What keeps this browser from ever seeing a camera here, as a CameraTrouble; null when it may ask. Asks nobody. */
function cameraBarred() {
  if (window.isSecureContext === false) return new CameraTrouble("insecure");
  return navigator.mediaDevices?.getUserMedia ? null : new CameraTrouble("unsupported");
}

/** The MIME type that this browser records and we can read; null for none. */
function recordable() {
  if (typeof MediaRecorder === "undefined") return null;
  return RECORDABLE.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/** The cameras as {id, name}; names are hidden by browsers until one of them was allowed. */
async function cameras() {
  const found = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const video = found.filter((one) => one.kind === "videoinput" && one.deviceId);
  return video.map((one, place) => ({ id: one.deviceId, name: one.label || `Camera ${place + 1}` }));
}

/** What getUserMedia threw, as a CameraTrouble. Browsers differ in names and say some things in the message alone. */
function cameraTrouble(error) {
  if (error instanceof CameraTrouble) return error;
  const told = String(error?.message ?? "");
  switch (error?.name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
    case "SecurityError":
      if (/dismissed/i.test(told)) return new CameraTrouble("dismissed");
      return new CameraTrouble(/system/i.test(told) ? "system" : "refused");
    case "NotFoundError":
    case "DevicesNotFoundError":
      return new CameraTrouble("missing");
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return new CameraTrouble("busy");
    case "OverconstrainedError":
      return new CameraTrouble("gone");
    default:
      return new CameraTrouble("unknown", error?.name);
  }
}

function stopTracks(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** One camera, shown by one video element. It stops when it is closed, when the tab is long out of sight, or when unplugged. */
class Camera {
  constructor(video, { lost = () => {}, hiddenMs = HIDDEN_MS } = {}) {
    Object.assign(this, { video, lost, hiddenMs, stream: null, asked: 0 });
    Object.assign(video, { muted: true, autoplay: true, playsInline: true });
    this.seen = () => this.watch();
    document.addEventListener("visibilitychange", this.seen);
  }

  /** Ask for the camera (that one, or any) and show it. A later call or a close overtakes it: then it gives false. */
  async open(deviceId = "") {
    const barred = cameraBarred();
    if (barred) throw barred;
    const turn = (this.asked += 1);
    stopTracks(this.stream); // some systems give a camera to one reader only
    this.stream = null;
    const picture = { width: { ideal: CAMERA_WIDE }, height: { ideal: CAMERA_TALL }, frameRate: { ideal: CAMERA_FPS, max: CAMERA_FPS } };
    let stream;
    try {
      const video = deviceId ? { ...picture, deviceId: { exact: deviceId } } : picture;
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video });
    } catch (error) {
      if (turn !== this.asked) return false;
      throw cameraTrouble(error);
    }
    if (turn !== this.asked) {
      stopTracks(stream); // allowed after the piece had gone
      return false;
    }
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => stream === this.stream && this.lose("gone"));
    this.stream = stream;
    this.video.srcObject = stream;
    this.watch();
    await this.video.play().catch(() => {}); // taken away while it started: nothing to show then
    return stream === this.stream;
  }

  get on() {
    return this.stream !== null;
  }

  /** The id of the camera in use; "" for none. */
  get deviceId() {
    return this.stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Stop the camera and show nothing. It can be opened again. */
  stop() {
    this.asked += 1;
    clearTimeout(this.out);
    stopTracks(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  /** The same, for good. */
  close() {
    this.stop();
    document.removeEventListener("visibilitychange", this.seen);
  }

  lose(reason) {
    this.stop();
    this.lost(new CameraTrouble(reason));
  }

  watch() {
    clearTimeout(this.out);
    if (document.hidden && this.on) this.out = setTimeout(() => this.lose("hidden"), this.hiddenMs);
  }
}
