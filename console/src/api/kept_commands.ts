/**
 * The id of a command that got no answer: asked for again to the letter it is the same command, carried out once.
 *
 *     id 1  ->  no answer      id 1  ->  its one answer, whichever try arrived      id 2  ->  another command
 *
 * What was sent is sent again as it was, with the revision that it was for. It is over once it is answered, or once
 * anything else about the same thing is: whoever went on means a new command. What carries an id of its own, as a
 * signature does, is left alone.
 */
import type { Middleware } from "openapi-fetch";

/** A command's id: sent again after a lost answer it is carried out once. */
export function commandId(): string {
  return crypto.randomUUID();
}

const HEADER = "Idempotency-Key";
const SAFE = new Set(["GET", "HEAD"]);
/** What is no command, and may hold a password: nothing of it is kept. Drafts end no command either. */
const NO_COMMANDS = /^\/v1\/(me\b|password|sign-|source-checks|change-drafts)|\/(draft|statement)$/;
const OPEN_MAX = 20; // commands without an answer: a console left open for days must not gather them all
const UNCLEAR = 500; // an answer of this status or above does not say whether the command is on record

interface Command {
  readonly id: string;
  /** What it is about: `/v1/tasks/ID`. */
  readonly about: string;
  readonly body: ArrayBuffer;
}

const under = new Set<string>();

/** Whether a command is under way: a page that is closed now would never know what became of it. */
export function isSending(): boolean {
  return under.size > 0;
}

/** Gives every write its id. */
export function keptCommands(): Middleware {
  const open = new Map<string, Command>();
  return {
    async onRequest({ request }) {
      if (SAFE.has(request.method) || request.headers.has(HEADER)) return undefined;
      const { pathname } = new URL(request.url);
      if (NO_COMMANDS.test(pathname)) {
        request.headers.set(HEADER, commandId());
        return request;
      }
      const body = await request.clone().arrayBuffer();
      const said = await saidIn(request, body);
      const before = open.get(said);
      const command = before ?? { id: commandId(), about: aboutOf(pathname), body };
      keep(open, said, command);
      under.add(command.id);
      const sent = body.byteLength === 0 ? request : new Request(request, { body: command.body });
      sent.headers.set(HEADER, command.id);
      return sent;
    },
    onResponse({ request, response }) {
      under.delete(request.headers.get(HEADER) ?? "");
      const { pathname } = new URL(request.url);
      if (SAFE.has(request.method) || response.status >= UNCLEAR || NO_COMMANDS.test(pathname)) return;
      const about = aboutOf(pathname);
      for (const [said, command] of open) if (command.about === about) open.delete(said);
    },
    onError({ request }) {
      under.delete(request.headers.get(HEADER) ?? "");
    },
  };
}

function keep(open: Map<string, Command>, said: string, command: Command): void {
  open.set(said, command);
  const [oldest] = open.keys();
  if (open.size > OPEN_MAX && oldest !== undefined) open.delete(oldest);
}

function aboutOf(pathname: string): string {
  return pathname.split("/").slice(0, 4).join("/");
}

/** What is asked for, by digest. A revision is no part of it: what was read again meanwhile asks for the same. */
async function saidIn(request: Request, body: ArrayBuffer): Promise<string> {
  const isJson = request.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  const meant = isJson ? new TextEncoder().encode(withoutRevision(new TextDecoder().decode(body))) : body;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", meant));
  return `${request.method} ${request.url} ${digest.join(".")}`;
}

function withoutRevision(text: string): string {
  if (text === "") return text;
  const { expected_revision: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}
