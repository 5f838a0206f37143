// The camera: faces are found while it runs, and a picture joins the others when it is taken.

import { byId, count, h } from "./dom.js";

// The live picture is searched at this width; a picture that is taken has all pixels.
const LIVE_WIDTH = 640;
const PAUSE = 80;

export class Camera {
  #service;
  #take;
  #dialog = byId("camera-dialog");
  #video = byId("video");
  #canvas = byId("video-faces");
  #stream = null;
  #abort = null;

  // take(file): what happens with a picture.
  constructor(service, take) {
    this.#service = service;
    this.#take = take;
    this.#dialog.addEventListener("close", () => this.#stop());
    byId("camera-close").onclick = () => this.#dialog.close();
    byId("take").onclick = () => this.#snap();
    byId("cameras").onchange = (event) => this.#start({ deviceId: { exact: event.target.value } });
  }

  async open() {
    this.#tell("Waiting for the camera. The browser may ask whether this page may use it.");
    byId("take").disabled = true;
    this.#dialog.showModal();
    await this.#start({ facingMode: "user" });
  }

  async #start(which) {
    this.#stop();
    const asked = (this.#abort = new AbortController());
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "InsecureError");
      const wish = { ...which, width: { ideal: 1920 }, height: { ideal: 1440 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish });
      if (asked.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
      this.#stream = stream;
      this.#video.srcObject = stream;
      await this.#video.play();
      if (asked.signal.aborted) return;
    } catch (error) {
      if (!asked.signal.aborted) this.#tell(reasonOf(error));
      return;
    }
    byId("take").disabled = false;
    byId("take").focus();
    this.#canvas.parentElement.classList.toggle("away", this.#settings.facingMode === "environment");
    await this.#offer();
    await this.#watch(asked.signal);
  }

  get #settings() {
    return this.#stream.getVideoTracks()[0].getSettings();
  }

  async #offer() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (!this.#stream) return;
    const cameras = devices.filter((device) => device.kind === "videoinput");
    byId("camera-choice").hidden = cameras.length < 2;
    byId("cameras").replaceChildren(
      ...cameras.map((camera, at) => {
        const selected = camera.deviceId === this.#settings.deviceId;
        return h("option", { value: camera.deviceId, selected }, camera.label || `Camera ${at + 1}`);
      }),
    );
  }

  // One frame after the other, each when the answer of the one before is there: the service is never flooded.
  async #watch(signal) {
    while (!signal.aborted) {
      try {
        const { videoWidth: width, videoHeight: height } = this.#video;
        const frame = await this.#frame(Math.min(LIVE_WIDTH, width), "image/jpeg", 0.85);
        const files = [{ blob: frame, name: "camera.jpg" }];
        const answer = await this.#service.detect(files, { preset: "fast" }, { signal });
        this.#show(answer.pictures[0], width, height);
      } catch (problem) {
        if (signal.aborted) return;
        this.#tell(`Faces are not shown live: ${problem.reason ?? problem.message}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  #show(found, width, height) {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d");
    const scale = width / found.width;
    context.clearRect(0, 0, width, height);
    for (const { box } of found.faces) {
      const [x1, y1, x2, y2] = box.map((value) => value * scale);
      for (const [colour, line] of [["rgb(0 0 0 / .6)", 5], ["#fff", 2.5]]) {
        context.strokeStyle = colour;
        context.lineWidth = (line * width) / 700;
        context.strokeRect(x1, y1, x2 - x1, y2 - y1);
      }
    }
    this.#tell(found.faces.length > 0 ? `${count(found.faces.length, "face")} in sight` : "No face in sight");
  }

  #frame(width, type, quality) {
    const { videoWidth, videoHeight } = this.#video;
    const canvas = new OffscreenCanvas(width, Math.round((videoHeight * width) / videoWidth));
    canvas.getContext("2d").drawImage(this.#video, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type, quality });
  }

  async #snap() {
    const blob = await this.#frame(this.#video.videoWidth, "image/jpeg", 0.95);
    const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
    this.#dialog.close();
    this.#take(new File([blob], `camera ${time}.jpg`, { type: "image/jpeg" }));
  }

  #stop() {
    this.#abort?.abort();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = this.#video.srcObject = null;
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #tell(text) {
    if (byId("camera-text").textContent !== text) byId("camera-text").textContent = text;
  }
}

function reasonOf(error) {
  const reasons = {
    InsecureError: "Browsers give the camera to pages from this machine or over HTTPS alone, and this is neither.",
    NotAllowedError: "The browser does not let this page use the camera. Its settings for this page can change that.",
    NotFoundError: "There is no camera.",
    NotReadableError: "The camera is in use by another program.",
  };
  return reasons[error.name] ?? `The camera does not start: ${error.message || error.name}`;
}
