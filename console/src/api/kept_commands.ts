/**
 * The id of a command that got no answer: asked for again to the letter it is the same command, carried out once.
 *
 *     id 1  ->  no answer      id 1  ->  its one answer, whichever try arrived      id 2  ->  another command
 *
 * What was sent is sent again as it was, with the revision that it was for. It is over once it is answered, or once
 * anything else about the same thing is: whoever went on means a new command (`open_commands`). What carries an id of its
 * own, as a signature does, is left alone.
 */
import type { Middleware } from "openapi-fetch";
import { endCommands, keepCommand, openCommand } from "./open_commands";

/** A command's id: sent again after a lost answer it is carried out once. */
export function commandId(): string {
  return crypto.randomUUID();
}

const HEADER = "Idempotency-Key";
const REPEATED = "Idempotent-Replayed"; // the answer is that of an earlier try
const SAFE = new Set(["GET", "HEAD"]);
/** What is no command, and may hold a password: nothing of it is kept. Drafts end no command either. */
const NO_COMMANDS = /^\/v1\/(me\b|password|sign-|source-checks|change-drafts)|\/(draft|statement)$/;
const UNCLEAR = 500; // an answer of this status or above does not say whether the command is on record

const under = new Set<string>();

/** Whether a command is under way: a page that is closed now would never know what became of it. */
export function isSending(): boolean {
  return under.size > 0;
}

/** Gives every write its id. */
export function keptCommands(): Middleware {
  return {
    async onRequest({ request }) {
      if (SAFE.has(request.method) || request.headers.has(HEADER)) return undefined;
      const { pathname } = new URL(request.url);
      if (NO_COMMANDS.test(pathname)) {
        request.headers.set(HEADER, commandId());
        return request;
      }
      const body = await request.clone().arrayBuffer();
      const { said, revision } = await saidIn(request, body);
      const before = openCommand(said);
      const command = before ?? {
        id: commandId(),
        said,
        about: aboutOf(pathname),
        revision,
        place: placeHere(),
        sentAt: Date.now(),
      };
      keepCommand(command);
      under.add(command.id);
      const sent =
        before === undefined || body.byteLength === 0
          ? request
          : new Request(request, { body: withRevision(request, body, before.revision) });
      sent.headers.set(HEADER, command.id);
      return sent;
    },
    onResponse({ request, response }) {
      under.delete(request.headers.get(HEADER) ?? "");
      const { pathname } = new URL(request.url);
      if (SAFE.has(request.method) || response.status >= UNCLEAR || NO_COMMANDS.test(pathname)) return;
      endCommands(aboutOf(pathname), response.headers.get(REPEATED) === "true");
    },
    onError({ request }) {
      under.delete(request.headers.get(HEADER) ?? "");
    },
  };
}

function aboutOf(pathname: string): string {
  return pathname.split("/").slice(0, 4).join("/");
}

/** Where somebody is, below the root of the console: what a link to it needs. */
function placeHere(): string {
  if (typeof window === "undefined") return "/";
  return window.location.pathname.replace(/^\/console/, "") + window.location.search;
}

/** What is asked for, by digest. A revision is no part of it: what was read again meanwhile asks for the same. */
async function saidIn(
  request: Request,
  body: ArrayBuffer,
): Promise<{ readonly said: string; readonly revision: unknown }> {
  const { expected_revision: revision, ...rest } = membersOf(request, body) ?? {};
  const isRevised = revision !== undefined;
  const meant = isRevised ? new TextEncoder().encode(JSON.stringify(rest)) : body;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", meant));
  return { said: `${request.method} ${request.url} ${digest.join(".")}`, revision };
}

/** What was sent, as it was: with the revision that it was for. */
function withRevision(request: Request, body: ArrayBuffer, revision: unknown): ArrayBuffer | string {
  const members = membersOf(request, body);
  if (members === undefined || !("expected_revision" in members)) return body;
  return JSON.stringify({ ...members, expected_revision: revision });
}

/** The members of a body in JSON; undefined where it is none. */
function membersOf(request: Request, body: ArrayBuffer): Readonly<Record<string, unknown>> | undefined {
  const isJson = request.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  if (!isJson || body.byteLength === 0) return undefined;
  return JSON.parse(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>;
}
