// Requests to the service: progress of uploads, problems in words, another try when it is busy, the token when it asks.

const MOST_TRIES = 6;
const LONGEST_WAIT = 30;

// What the service says in application/problem+json (RFC 9457), or what can be said where it says nothing.
export class Problem extends Error {
  constructor({ status = 0, title = "", detail = "", errors = [], reason = "" } = {}) {
    super(detail || reason || title || `The service answered with status ${status}.`);
    this.status = status;
    this.errors = errors;
  }

  // Of a request with one picture: the reason that concerns it.
  get reason() {
    return this.errors.length === 1 && this.errors[0].reason ? this.errors[0].reason : this.message;
  }
}

const UNREACHABLE = "The service does not answer. Is it still running?";

export class Service {
  // In memory alone: it is gone when the page is.
  #token = null;
  #asking = null;

  // askToken(wrong): a promise of the token, or of null; waiting(seconds): told before another try.
  constructor({ askToken, waiting }) {
    this.askToken = askToken;
    this.waiting = waiting;
  }

  async info() {
    return JSON.parse(await (await this.#patient("GET", "v1/info", {})).text());
  }

  async detect(files, query, { signal, progress } = {}) {
    const blob = await this.#post("v1/detect", files, query, { signal, progress, accept: "application/json" });
    return JSON.parse(await blob.text());
  }

  extract(files, query, options = {}) {
    return this.#post("v1/extract", files, query, options);
  }

  blur(files, query, options = {}) {
    return this.#post("v1/blur", files, query, options);
  }

  #post(path, files, query, options) {
    const body = new FormData();
    for (const { blob, name } of files) body.append("pictures", blob, name);
    return this.#patient("POST", `${path}?${new URLSearchParams(query)}`, { body, ...options });
  }

  async #patient(method, address, options) {
    for (let tried = 1; ; tried++) {
      const token = this.#token;
      try {
        return await request(method, address, { ...options, token });
      } catch (problem) {
        if (problem.status === 401) await this.#renew(token, problem);
        else if ([429, 503].includes(problem.status) && tried < MOST_TRIES) await this.#wait(problem, tried, options);
        else throw problem;
      }
    }
  }

  // Several requests may be refused at once: the person is asked once, and the others go on with the answer.
  async #renew(refused, problem) {
    if (this.#token !== refused) return;
    this.#asking ??= this.askToken(refused !== null).finally(() => (this.#asking = null));
    const token = await this.#asking;
    if (token === null) throw problem;
    this.#token = token;
  }

  async #wait(problem, tried, { signal }) {
    const seconds = Math.min(problem.retryAfter ?? 2 ** (tried - 1), LONGEST_WAIT);
    this.waiting(seconds);
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, seconds * 1000);
      signal?.addEventListener("abort", () => (clearTimeout(timer), reject(aborted())), { once: true });
    });
  }
}

export const aborted = () => new DOMException("stopped", "AbortError");

// XMLHttpRequest, since fetch does not tell how much has been sent.
function request(method, address, { body = null, token = null, accept = null, signal, progress }) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    signal?.addEventListener("abort", stop, { once: true });
    xhr.open(method, address);
    xhr.responseType = "blob";
    if (token !== null) xhr.setRequestHeader("Authorization", `Bearer ${token}`);
    if (accept !== null) xhr.setRequestHeader("Accept", accept);
    if (progress) xhr.upload.onprogress = (event) => progress(event.loaded / Math.max(event.total, 1));
    xhr.onabort = () => reject(aborted());
    xhr.onerror = () => reject(new Problem({ detail: UNREACHABLE }));
    xhr.onload = async () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.response);
      else reject(await problemOf(xhr));
    };
    xhr.onloadend = () => signal?.removeEventListener("abort", stop);
    xhr.send(body);
  });
}

async function problemOf(xhr) {
  let document = {};
  if ((xhr.getResponseHeader("Content-Type") ?? "").includes("json")) {
    // A proxy may call anything JSON; its status is reason enough then.
    document = await xhr.response.text().then(JSON.parse).catch(() => ({}));
  }
  const problem = new Problem({ ...document, status: xhr.status });
  problem.retryAfter = secondsOf(xhr.getResponseHeader("Retry-After"));
  return problem;
}

// Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3).
function secondsOf(text) {
  if (text === null) return null;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0.2) : null;
}
