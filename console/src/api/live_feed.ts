/** One stream of the server for the whole console: it says what changed, never what it is. No React in here. */

/** What can be followed; `docs/reference/live.md` says what each covers and who may. */
export type Topic =
  | "inbox"
  | "notifications"
  | "overview"
  | "ledger"
  | `instance:${string}`
  | `change:${string}`
  | `pack:${string}`;

/** What the feed needs of an EventSource. */
export type Source = Pick<EventSource, "addEventListener" | "close" | "readyState">;

/** What the feed needs of a browser: streams, and whether somebody looks. */
export interface Surroundings {
  readonly open: (address: string) => Source;
  readonly isHidden: () => boolean;
}

const GATHER = 50; // ms: a page that is put up follows several things, and one stream is opened for all of them
const LINGER = 2_000; // ms that a stream nobody needs stays open: going from screen to screen opens no new one
export const POLL = 10_000; // ms between two looks while no stream is open
const CLOSED = 2; // EventSource.CLOSED: the server refused, and the browser will not try again
const RETRY_FIRST = 5_000; // ms
const RETRY_LAST = 60_000; // ms

/**
 * Tells followers of a topic that something of it changed. A follower is told once its topic is followed, since what
 * was read before may be older, and every ten seconds for as long as no stream gets through.
 *
 * A new topic needs a new stream: the old one stays open until the new one is, so that nothing is missed between.
 */
export class LiveFeed {
  readonly #around: Surroundings;
  readonly #followers = new Map<Topic, Set<() => void>>();
  #stream: Source | null = null;
  #coming: Source | null = null;
  /** Topics of the stream that is open, and of the one that is being opened. */
  #followed: ReadonlySet<Topic> = new Set();
  #asked: ReadonlySet<Topic> = new Set();
  #gathering: Timer = null;
  #lingering: Timer = null;
  #polling: ReturnType<typeof setInterval> | null = null;
  #retrying: Timer = null;
  #retry = RETRY_FIRST;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Calls `tell` whenever something of the topic may have changed, until the function that comes back is called. */
  follow(topic: Topic, tell: () => void): () => void {
    const followers = this.#followers.get(topic) ?? new Set();
    this.#followers.set(topic, followers.add(tell));
    this.#gather();
    return () => {
      followers.delete(tell);
      if (followers.size === 0 && this.#followers.get(topic) === followers) this.#followers.delete(topic);
      this.#gather();
    };
  }

  /** The window was hidden or shown: a hidden one keeps no connection from the others, and reads anew when shown. */
  looked(): void {
    if (this.#around.isHidden()) this.#close();
    else this.#gather();
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.#agree();
    }, GATHER);
  }

  /** Opens or closes streams until what is followed is what is wanted. */
  #agree(): void {
    if (this.#around.isHidden()) return;
    const wanted = new Set(this.#followers.keys());
    if (wanted.size === 0) {
      this.#lingering ??= setTimeout(() => {
        this.#lingering = null;
        if (this.#followers.size === 0) this.#close();
      }, LINGER);
      return;
    }
    this.#poll();
    const current = this.#coming === null ? this.#followed : this.#asked;
    if (this.#retrying === null && ![...wanted].every((topic) => current.has(topic))) this.#open(wanted);
  }

  #open(wanted: ReadonlySet<Topic>): void {
    this.#coming?.close();
    this.#asked = wanted;
    const topics = [...wanted].sort().join(",");
    const source = this.#around.open(`/v1/live?topics=${encodeURIComponent(topics)}`);
    this.#coming = source;
    // The browser's own "open" comes without data, before the server has said anything.
    source.addEventListener("open", (event) => {
      if ("data" in event) this.#opened(source);
    });
    source.addEventListener("changed", (event) => this.#changed(event));
    source.addEventListener("ended", () => this.#ended(source));
    source.addEventListener("error", () => this.#failed(source));
  }

  #opened(source: Source): void {
    this.#retry = RETRY_FIRST;
    this.#stopPolling();
    if (source === this.#stream) {
      this.#tell(this.#followed); // it had been lost, and came back
      return;
    }
    const known = this.#followed;
    this.#stream?.close();
    this.#stream = source;
    this.#coming = null;
    this.#followed = this.#asked;
    this.#tell([...this.#followed].filter((topic) => !known.has(topic)));
  }

  #changed(event: Event): void {
    this.#tell(topicsOf(event));
  }

  /** The session or a right ended: whoever reads again is told why, and the stream is asked for again much later. */
  #ended(source: Source): void {
    this.#lost(source);
    this.#retry = RETRY_LAST;
    this.#tell(this.#followers.keys());
    this.#later();
  }

  #failed(source: Source): void {
    if (source.readyState === CLOSED) {
      this.#lost(source);
      this.#later();
    }
    this.#poll();
  }

  #lost(source: Source): void {
    source.close();
    if (source === this.#coming) this.#coming = null;
    if (source === this.#stream) {
      this.#stream = null;
      this.#followed = new Set();
    }
  }

  #later(): void {
    this.#retrying ??= setTimeout(() => {
      this.#retrying = null;
      this.#agree();
    }, this.#retry);
    this.#retry = Math.min(RETRY_LAST, this.#retry * 2);
  }

  #poll(): void {
    if (this.#isOpen() || this.#polling !== null) return;
    this.#polling = setInterval(() => this.#tell(this.#followers.keys()), POLL);
  }

  #stopPolling(): void {
    if (this.#polling !== null) clearInterval(this.#polling);
    this.#polling = null;
  }

  #isOpen(): boolean {
    return this.#stream !== null && this.#stream.readyState === 1;
  }

  #close(): void {
    this.#stopPolling();
    this.#stream?.close();
    this.#coming?.close();
    this.#stream = null;
    this.#coming = null;
    this.#followed = new Set();
  }

  #tell(topics: Iterable<Topic>): void {
    const told = new Set<() => void>();
    for (const topic of topics) for (const tell of this.#followers.get(topic) ?? []) told.add(tell);
    for (const tell of told) tell();
  }
}

type Timer = ReturnType<typeof setTimeout> | null;

function topicsOf(event: Event): readonly Topic[] {
  if (!("data" in event) || typeof event.data !== "string") return [];
  const said: unknown = JSON.parse(event.data);
  const topics = typeof said === "object" && said !== null && "topics" in said ? said.topics : [];
  return Array.isArray(topics) ? topics : [];
}
