/** A command keeps its id until it is answered: asked for again after a lost answer it is the same, later it is another. */
import { readdirSync, readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import { describe, expect, it } from "vitest";
import { isSending, keptCommands } from "../src/api/kept_commands";
import { forgetCommands } from "../src/api/open_commands";

interface Sent {
  readonly id: string;
  readonly body: string;
}

/** A client, what it sent, and what becomes of the next: a status, or no answer at all. */
function asking() {
  forgetCommands();
  const sent: Sent[] = [];
  const next: (number | null)[] = [];
  const client = createClient<Record<string, never>>({
    baseUrl: "http://here",
    fetch: async (request) => {
      sent.push({ id: request.headers.get("Idempotency-Key") ?? "", body: await request.text() });
      const status = next.shift() ?? 200;
      if (status === 0) throw new TypeError("lost");
      return new Response("{}", { status });
    },
  });
  client.use(keptCommands());
  const post = (path: string, body?: unknown) =>
    (client.POST as (path: string, init: unknown) => Promise<unknown>)(path, { body }).catch(() => undefined);
  return { sent, next, post };
}

describe("a command", () => {
  it("is the same after a lost answer, also where its revision was read again, and another once it is answered", async () => {
    const { sent, next, post } = asking();
    next.push(0, 500, 200);
    for (const revision of [3, 4, 4, 5]) await post("/v1/tasks/t/claim", { expected_revision: revision });
    const [first, second, third, fourth] = sent;
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(fourth?.id).not.toBe(first?.id);
    expect(fourth?.body).toBe('{"expected_revision":5}');
    expect(isSending()).toBe(false);
  });

  it("is another with other words, about another thing, or after a refusal", async () => {
    const { sent, next, post } = asking();
    next.push(0, 0, 0, 409);
    await post("/v1/tasks/t/comments", { text: "one" });
    await post("/v1/tasks/t/comments", { text: "two" });
    await post("/v1/tasks/u/comments", { text: "one" });
    await post("/v1/tasks/t/release");
    await post("/v1/tasks/t/release");
    expect(new Set(sent.map(({ id }) => id)).size).toBe(5);
  });

  it("is over once something else about the same thing was answered: whoever went on means a new one", async () => {
    const { sent, next, post } = asking();
    next.push(0, 200, 0);
    await post("/v1/tasks/t/claim");
    await post("/v1/tasks/u/claim");
    await post("/v1/tasks/t/claim");
    await post("/v1/tasks/t/release");
    await post("/v1/tasks/t/claim");
    const [lost, , again, , later] = sent;
    expect(again?.id).toBe(lost?.id);
    expect(later?.id).not.toBe(lost?.id);
  });

  it("is not ended by a draft or a statement, and nothing is kept of what may hold a password", async () => {
    const { sent, next, post } = asking();
    next.push(0);
    await post("/v1/tasks/t/completion", { data: {} });
    await post("/v1/tasks/t/draft", { content: {} });
    await post("/v1/tasks/t/statement", {});
    await post("/v1/tasks/t/completion", { data: {} });
    expect(sent[3]?.id).toBe(sent[0]?.id);
    next.push(0);
    await post("/v1/password", { present: "word" });
    await post("/v1/password", { present: "word" });
    expect(sent[5]?.id).not.toBe(sent[4]?.id);
  });
});

describe("the screens", () => {
  it("write by `useWrite` alone; what is left works something out, or reads", () => {
    const own = ["features/changes/writing.ts", "features/ledger/Kept.tsx"];
    const root = new URL("../src/", import.meta.url).pathname;
    const files = readdirSync(root, { recursive: true, encoding: "utf-8" }).filter((file) =>
      /^(features|shell)\/.*\.tsx?$/.test(file),
    );
    expect(files.length).toBeGreaterThan(100);
    const found = files.filter((file) => readFileSync(root + file, "utf-8").includes("useMutation"));
    expect(found.filter((file) => !own.includes(file))).toEqual([]);
  });
});
