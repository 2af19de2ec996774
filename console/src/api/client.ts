/** The typed client of the HTTP interface: session cookie, form token and command id on what changes something. */
import createClient, { type Middleware } from "openapi-fetch";
import { keptAnswers } from "./kept_answers";
import { keptCommands } from "./kept_commands";
import type { paths } from "./schema";

/** A problem as the server gave it (RFC 9457), thrown where an answer was wanted. `problemOf` reads it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly status: number,
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super(String(problem.detail ?? problem.title ?? status));
  }
}

const SAFE = new Set(["GET", "HEAD"]);
let csrf = "";

/** The token that requests of this session carry from now on. */
export function carryToken(token: string | null): void {
  csrf = token ?? "";
}

const tokened: Middleware = {
  onRequest({ request }) {
    if (SAFE.has(request.method)) return undefined;
    request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
};

export const client = createClient<paths, "application/json">({ baseUrl: "/", credentials: "same-origin" });
client.use(tokened, keptCommands(), keptAnswers());

interface Answered<D> {
  readonly data?: D | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer; a `ProblemError` when it is none: `await given(client.GET("/v1/me"))`. */
export async function given<D>(asked: Promise<Answered<D>>): Promise<D> {
  const { data, error, response } = await asked;
  if (response.ok && data !== undefined) return data;
  const said = typeof error === "object" && error !== null ? { ...error } : {};
  const wait = response.headers.get("Retry-After");
  throw new ProblemError(response.status, {
    status: response.status,
    ...(wait ? { retry_after: wait } : {}),
    ...said,
  });
}
