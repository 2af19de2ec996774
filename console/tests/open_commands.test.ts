/** A command that had no answer, over a page that is loaded anew: it is the same for an hour, for one person alone. */
import createClient from "openapi-fetch";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const HOUR = 3_600_000;
const PATH = "/v1/process-instances/pi/suspension";

interface Sent {
  readonly id: string;
  readonly body: string;
}

/** A page as it was just loaded, for somebody; status 0 loses every answer. */
async function loaded(person: string, status: number, headers: Record<string, string> = {}) {
  vi.resetModules();
  const commands = await import("../src/api/open_commands");
  const { keptCommands } = await import("../src/api/kept_commands");
  commands.openCommandsOf(person);
  const sent: Sent[] = [];
  const client = createClient<Record<string, never>>({
    baseUrl: "http://here",
    fetch: async (request) => {
      sent.push({ id: request.headers.get("Idempotency-Key") ?? "", body: await request.text() });
      if (status === 0) throw new TypeError("lost");
      return new Response("{}", { status, headers });
    },
  });
  client.use(keptCommands());
  const post = async (reason: string, expected_revision = 1): Promise<Sent> => {
    const asked = (client.POST as (path: string, init: unknown) => Promise<unknown>)(PATH, {
      body: { reason, expected_revision },
    });
    await asked.catch(() => undefined);
    const last = sent.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last;
  };
  return { post, commands };
}

describe("a command without an answer", () => {
  let kept: Map<string, string>;
  beforeEach(() => {
    kept = new Map();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => kept.set(key, text),
      removeItem: (key: string) => kept.delete(key),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is the same after the page was loaded anew, with the revision that it was for, until it is answered", async () => {
    const first = await (await loaded("ada", 0)).post("an audit", 3);
    const anew = await loaded("ada", 200);
    expect(await anew.post("an audit", 4)).toEqual(first);
    expect((await anew.post("an audit", 4)).id).not.toBe(first.id);
    expect([...kept]).toEqual([]);
  });

  it("is another in other words, an hour later, of another person, and after signing out", async () => {
    const first = await (await loaded("ada", 0)).post("an audit");
    expect((await (await loaded("ada", 0)).post("a fire")).id).not.toBe(first.id);
    vi.setSystemTime(Date.now() + HOUR);
    const later = await (await loaded("ada", 0)).post("an audit");
    expect(later.id).not.toBe(first.id);
    const others = await (await loaded("bob", 0)).post("an audit");
    expect(others.id).not.toBe(later.id);
    (await loaded("bob", 0)).commands.forgetCommands();
    expect([...kept]).toEqual([]);
    expect((await (await loaded("bob", 0)).post("an audit")).id).not.toBe(others.id);
  });

  it("leaves no word of what was sent in the browser", async () => {
    await (await loaded("ada", 0)).post("between us");
    const text = [...kept.values()].join();
    expect(text).toContain("/v1/process-instances/pi");
    expect(text).not.toContain("between us");
  });
});
