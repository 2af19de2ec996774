/** Reading again what has not changed: the answer that was kept, once the server says by its tag that it still holds. */
import type { Middleware } from "openapi-fetch";

const KEPT_MAX = 100; // answers: a console left open for days must not gather them all

interface Kept {
  readonly tag: string;
  readonly body: string;
}

/** Sends the tag of the last answer from an address; a 304 becomes that answer. It lives as long as the page does. */
export function keptAnswers(): Middleware {
  const kept = new Map<string, Kept>();
  const keep = (address: string, answer: Kept) => {
    kept.set(address, answer);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  };
  return {
    onRequest({ request }) {
      const known = request.method === "GET" ? kept.get(request.url) : undefined;
      if (known === undefined) return undefined;
      request.headers.set("If-None-Match", known.tag);
      return request;
    },
    onResponse({ request, response }) {
      if (request.method !== "GET") return undefined;
      const known = kept.get(request.url);
      if (response.status === 304 && known !== undefined) {
        return new Response(known.body, {
          headers: { "Content-Type": "application/json", ETag: known.tag },
        });
      }
      kept.delete(request.url);
      const tag = response.headers.get("ETag");
      if (response.status !== 200 || tag === null) return undefined;
      // Kept once it is whole: a reading that was given up leaves nothing behind.
      void response
        .clone()
        .text()
        .then((body) => keep(request.url, { tag, body }))
        .catch(() => undefined);
      return undefined;
    },
  };
}
