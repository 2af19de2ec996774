/** What a verification says: statuses, verdicts and the report. The words are those of `verify.py`. */

/** What came of one verdict. What was not run, and what cannot be known, is never counted as passed. */
export type Status = "passed" | "failed" | "not run" | "not determinable";

/** One of the five verdicts; `text` says why. */
export interface Verdict {
  readonly number: 1 | 2 | 3 | 4 | 5;
  readonly name: string;
  readonly status: Status;
  readonly text: string;
}

/** The names of the verdicts, from the first on. */
export const NAMES = [
  "files intact",
  "entries included and log consistent",
  "signatures by keys valid then",
  "complete",
  "semantics derived again",
] as const;

/** The last checkpoint of the pack as it reads, whoever signed it. `root` is hexadecimal. */
export interface Position {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** A pack verified. `good` says that all verdicts that a browser can run passed: 1 to 4. */
export interface Report {
  readonly pack: string;
  readonly good: boolean;
  readonly strength: string;
  readonly verdicts: readonly Verdict[];
  readonly notes: readonly string[];
  readonly entries: number | null;
  readonly position: Position | null;
}

/** What comes back: a report, or why the file is no pack or what was given from outside cannot be used. */
export type Outcome =
  | { readonly kind: "verified"; readonly report: Report }
  | { readonly kind: "no pack"; readonly text: string }
  | { readonly kind: "bad trust"; readonly text: string };

/** What the verifier brings along, from elsewhere than the pack; each as the text of its file. */
export interface Trust {
  /** The log's verifier key. */
  readonly vkey: string | null;
  /** Signed lists of the log's keys; only with a key. */
  readonly keyLists: string | null;
  /** A trust policy: witnesses and quorum. */
  readonly policy: string | null;
}

/** No key from outside: verdicts 3 and 4 are not determinable. */
export const NO_TRUST: Trust = { vkey: null, keyLists: null, policy: null };

/** How far a verification is, from 0 to 1. */
export type OnProgress = (done: number) => void;

const SHOWN_MAX = 10; // enough to see what kind of harm it is

/** A verdict. */
export function verdict(number: Verdict["number"], status: Status, text: string): Verdict {
  return { number, name: NAMES[number - 1] as string, status, text };
}

/** Faults of one sort: the first ten, and how many there are. */
export class Faults {
  private readonly shown: string[] = [];
  private total = 0;

  /** One more. */
  add(text: string): void {
    this.total += 1;
    if (this.shown.length < SHOWN_MAX) this.shown.push(text);
  }

  /** Those of another sort after these. */
  addAll(others: Faults): this {
    for (const text of others.shown) if (this.shown.length < SHOWN_MAX) this.shown.push(text);
    this.total += others.total;
    return this;
  }

  get isEmpty(): boolean {
    return this.total === 0;
  }

  /** The first ten, and how many more. */
  listed(): string {
    const more = this.total > SHOWN_MAX ? `; and ${this.total - SHOWN_MAX} more` : "";
    return this.shown.join("; ") + more;
  }
}

/** The faults of a list. */
export function faultsOf(texts: readonly string[]): Faults {
  const faults = new Faults();
  for (const text of texts) faults.add(text);
  return faults;
}
