/** One stream for all topics, opened anew without a gap, and looks of its own where none gets through. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keptAnswers } from "../src/api/kept_answers";
import { LiveFeed, POLL, type Source } from "../src/api/live_feed";

vi.stubGlobal("document", { addEventListener: () => undefined, visibilityState: "visible" });
const { readingAgain } = await import("../src/api/live");

class FakeSource implements Source {
  readyState = 0;
  readonly #heard = new Map<string, ((event: MessageEvent) => void)[]>();
  constructor(readonly address: string) {}
  addEventListener(name: string, hear: unknown): void {
    this.#heard.set(name, [...(this.#heard.get(name) ?? []), hear as (event: MessageEvent) => void]);
  }
  close(): void {
    this.readyState = 2;
  }
  say(name: string, data?: object): void {
    if (name === "open") this.readyState = 1;
    const event =
      data === undefined ? new Event(name) : new MessageEvent(name, { data: JSON.stringify(data) });
    for (const hear of this.#heard.get(name) ?? []) hear(event as MessageEvent);
  }
}

let sources: FakeSource[];
let isHidden: boolean;
let feed: LiveFeed;
const last = () => sources.at(-1) as FakeSource;
const topics = (source: FakeSource) => new URL(source.address, "http://x").searchParams.get("topics");

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  isHidden = false;
  feed = new LiveFeed({
    open: (address) => {
      sources.push(new FakeSource(address));
      return last();
    },
    isHidden: () => isHidden,
  });
});
afterEach(() => vi.useRealTimers());

describe("the feed", () => {
  it("opens one stream for what is followed together, and tells each topic's followers alone", () => {
    const inbox = vi.fn();
    const instance = vi.fn();
    feed.follow("inbox", inbox);
    feed.follow("instance:pi_1", instance);
    vi.advanceTimersByTime(100);
    expect(sources.map(topics)).toEqual(["inbox,instance:pi_1"]);
    last().say("open");
    expect(inbox).not.toHaveBeenCalled(); // the browser's own event says nothing of the server
    last().say("open", { size: 4 });
    expect([inbox.mock.calls.length, instance.mock.calls.length]).toEqual([1, 1]);
    last().say("changed", { size: 5, topics: ["instance:pi_1"] });
    expect([inbox.mock.calls.length, instance.mock.calls.length]).toEqual([1, 2]);
  });

  it("keeps the old stream until the new one is open, and tells only what is new", () => {
    const inbox = vi.fn();
    const change = vi.fn();
    feed.follow("inbox", inbox);
    vi.advanceTimersByTime(100);
    const first = last();
    first.say("open", { size: 1 });
    feed.follow("change:cr_1", change);
    vi.advanceTimersByTime(100);
    first.say("changed", { size: 2, topics: ["inbox"] });
    expect(inbox).toHaveBeenCalledTimes(2);
    last().say("open", { size: 2 });
    expect(first.readyState).toBe(2);
    expect([inbox.mock.calls.length, change.mock.calls.length]).toEqual([2, 1]);
  });

  it("opens nothing anew when less is followed, and closes when nothing is", () => {
    const leave = feed.follow("inbox", vi.fn());
    const leaveToo = feed.follow("ledger", vi.fn());
    vi.advanceTimersByTime(100);
    last().say("open", { size: 1 });
    leaveToo();
    vi.advanceTimersByTime(5_000);
    expect([sources.length, last().readyState]).toEqual([1, 1]);
    leave();
    vi.advanceTimersByTime(5_000);
    expect([sources.length, last().readyState]).toEqual([1, 2]);
  });

  it("looks every ten seconds while no stream is open, and stops when one is", () => {
    const tell = vi.fn();
    feed.follow("inbox", tell);
    vi.advanceTimersByTime(100 + 2 * POLL);
    expect(tell).toHaveBeenCalledTimes(2);
    last().say("open", { size: 1 });
    vi.advanceTimersByTime(5 * POLL);
    expect(tell).toHaveBeenCalledTimes(3);
    last().readyState = 0; // lost: the browser tries again by itself
    last().say("error");
    vi.advanceTimersByTime(POLL);
    expect(tell).toHaveBeenCalledTimes(4);
  });

  it("asks again after a refusal, later each time", () => {
    feed.follow("inbox", vi.fn());
    vi.advanceTimersByTime(100);
    for (const wait of [5_000, 10_000, 20_000]) {
      last().close();
      last().say("error");
      const before = sources.length;
      vi.advanceTimersByTime(wait - 1);
      expect(sources.length).toBe(before);
      vi.advanceTimersByTime(1);
      expect(sources.length).toBe(before + 1);
    }
  });

  it("tells everybody when the session ends, and does not come back at once", () => {
    const tell = vi.fn();
    feed.follow("inbox", tell);
    vi.advanceTimersByTime(100);
    last().say("open", { size: 1 });
    last().say("ended", { reason: "session" });
    expect(tell).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(30_000);
    expect(sources.length).toBe(1);
  });

  it("holds no connection in a hidden window, and reads anew when it is shown", () => {
    const tell = vi.fn();
    feed.follow("inbox", tell);
    vi.advanceTimersByTime(100);
    last().say("open", { size: 1 });
    isHidden = true;
    feed.looked();
    expect(last().readyState).toBe(2);
    vi.advanceTimersByTime(5 * POLL);
    expect(tell).toHaveBeenCalledTimes(1);
    isHidden = false;
    feed.looked();
    vi.advanceTimersByTime(100);
    last().say("open", { size: 3 });
    expect([sources.length, tell.mock.calls.length]).toEqual([2, 2]);
  });
});

describe("reading again", () => {
  it("lets a round finish, and starts another for what changed meanwhile", async () => {
    const queries = new QueryClient();
    const rounds: (() => void)[] = [];
    const asked = vi
      .spyOn(queries, "invalidateQueries")
      .mockImplementation(() => new Promise((resolve) => rounds.push(resolve)));
    const tell = readingAgain(queries, [["tasks"]]);
    tell();
    tell();
    tell();
    expect(asked).toHaveBeenCalledTimes(1);
    rounds[0]?.();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
    rounds[1]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveBeenCalledTimes(2);
    tell();
    expect(asked).toHaveBeenCalledTimes(3);
  });
});

describe("kept answers", () => {
  it("are given again when their tag still holds, and forgotten with it", async () => {
    const { onRequest, onResponse } = keptAnswers();
    const pass = async (response: Response) => {
      const request = new Request("http://x/v1/tasks");
      const shared = { schemaPath: "/v1/tasks", params: {}, id: "1" } as never as object;
      await onRequest?.({ request, ...shared } as never);
      const answer = await onResponse?.({ request, response, ...shared } as never);
      return { sent: request.headers.get("If-None-Match"), answer: answer ?? response };
    };
    const settled = () => vi.advanceTimersByTimeAsync(1);
    const first = await pass(new Response('{"items":[]}', { headers: { ETag: 'W/"a"' } }));
    expect(first.sent).toBeNull();
    expect(await first.answer.text()).toBe('{"items":[]}');
    await settled();
    const again = await pass(new Response(null, { status: 304 }));
    expect([again.sent, await again.answer.text()]).toEqual(['W/"a"', '{"items":[]}']);
    await pass(new Response("{}", { status: 403 }));
    expect((await pass(new Response("{}"))).sent).toBeNull();
    const cut = new ReadableStream({ start: (line) => line.error(new DOMException("cut", "AbortError")) });
    await pass(new Response(cut, { headers: { ETag: 'W/"b"' } })); // given up before it was whole
    await settled();
    expect((await pass(new Response("{}"))).sent).toBeNull();
  });
});
