/** What views show for each answer of a query, and that every word of it comes from the files of messages. */
import type { ReactNode } from "react";
import { prerender } from "react-dom/static";
import { describe, expect, it, vi } from "vitest";
import { PagedView } from "../src/design/components/PagedView";
import { ProofBadge } from "../src/design/components/ProofBadge";
import { type QueryLike, QueryView, type QueryViewProps } from "../src/design/components/QueryView";
import { SignBox, type SignState } from "../src/design/components/SignBox";
import { Loading } from "../src/design/components/states";
import { problemOf } from "../src/design/problem";
import { LocaleProvider } from "../src/i18n";
import { pseudo } from "./pseudo";

vi.mock("../src/i18n/en", async (original) => {
  const file = await original<{ default: Record<string, string> }>();
  return {
    default: Object.fromEntries(Object.entries(file.default).map(([key, text]) => [key, pseudo(text)])),
  };
});

/** The words of a page in pseudo-language, without its elements; those of attributes that people meet are kept. */
async function shown(page: ReactNode): Promise<string> {
  const choices = { language: "en", zone: "UTC", scheme: "system" } as const;
  const { prelude } = await prerender(<LocaleProvider initial={choices}>{page}</LocaleProvider>);
  const html = await new Response(prelude).text();
  const named = [...html.matchAll(/ (?:aria-label|placeholder|title)="([^"]*)"/g)].map((match) => match[1]);
  const bare = html.replace(/<(script|style)[^>]*>.*?<\/\1>/gs, "").replace(/<[^>]*>/g, "\n");
  return [bare, ...named].join("\n");
}

/** The lines that hold letters outside the brackets of the pseudo-language and are not among `given`. */
function strange(text: string, given: readonly string[]): string[] {
  const rest = given.reduce((left, each) => left.replaceAll(each, ""), text).replace(/\[[^[\]]*\]/g, "");
  return rest
    .replace(/\[[^[\]]*\]/g, "")
    .split("\n")
    .filter((line) => /\p{L}/u.test(line));
}

const AT = Date.parse("2026-11-22T18:40:00Z");
const query = (changed: Partial<QueryLike<string[]>>): QueryLike<string[]> => ({
  data: undefined,
  error: null,
  isPending: false,
  fetchStatus: "idle",
  dataUpdatedAt: AT,
  refetch: () => undefined,
  ...changed,
});
const view = (changed: Partial<QueryLike<string[]>>, more: Partial<QueryViewProps<string[]>> = {}) =>
  shown(
    <QueryView query={query(changed)} isEmpty={(data) => data.length === 0} empty="nothing-yet" {...more}>
      {(data) => data.join()}
    </QueryView>,
  );
const refused = (status: number) => ({ status, reason: "CODE", detail: "own words", reference: "ref-7" });

describe("a view of a query", () => {
  it("shows data", async () => {
    expect(await view({ data: ["kept"] })).toContain("kept");
  });

  it("waits while nothing came", async () => {
    expect(await view({ isPending: true, fetchStatus: "fetching" })).toContain(pseudo("Loading"));
  });

  it("tells empty from filtered to empty", async () => {
    expect(await view({ data: [] })).toContain("nothing-yet");
    const filtered = await view({ data: [] }, { onClearFilters: () => undefined });
    expect(filtered).toContain(pseudo("Clear filters"));
    expect(filtered).not.toContain("nothing-yet");
  });

  it("keeps old data and says how old it is while the server fails", async () => {
    for (const error of [refused(500), new TypeError("no answer")]) {
      const text = await view({ data: ["kept"], error });
      expect(text).toContain("kept");
      expect(text).toContain("18:40");
    }
    expect(await view({ data: ["kept"], fetchStatus: "paused" })).toContain("18:40");
    expect(await view({ data: ["kept"] })).not.toContain("18:40");
  });

  it("takes away what a person may no longer see", async () => {
    for (const status of [403, 404]) {
      expect(await view({ data: ["kept"], error: refused(status) })).not.toContain("kept");
    }
  });

  it("leaves what somebody types standing where the session is over, for the frame to hide", async () => {
    const text = await view({ data: ["kept"], error: refused(401) });
    expect(text).toContain("kept");
    expect(text).not.toContain("18:40");
  });

  it("gives the server's own reason and reference", async () => {
    const text = await view({ error: refused(500) });
    for (const word of ["own words", "CODE", "ref-7"]) expect(text).toContain(word);
  });

  it("is offline where no answer came and nothing is kept", async () => {
    expect(await view({ error: new TypeError("no answer") })).toContain(pseudo("No connection"));
    expect(await view({ isPending: true, fetchStatus: "paused" })).toContain(pseudo("No connection"));
  });
});

describe("a list that comes page by page", () => {
  const pages = (rows: readonly string[][], changed: { hasNextPage?: boolean; error?: unknown } = {}) => {
    const list = {
      ...query({}),
      data: { pages: rows.map((items) => ({ items })) },
      hasNextPage: false,
      isFetchingNextPage: false,
      fetchNextPage: () => undefined,
      ...changed,
    };
    return shown(
      <PagedView query={list} empty="nothing-yet" more="next-rows">
        {(found) => found.join()}
      </PagedView>,
    );
  };

  it("shows the rows of every page, and is empty when none has any", async () => {
    expect(await pages([["one"], [], ["two"]])).toContain("one,two");
    expect(await pages([[], ["one"]])).not.toContain("nothing-yet");
    expect(await pages([[], []])).toContain("nothing-yet");
  });

  it("offers the next page only where there is one", async () => {
    expect(await pages([["one"]])).not.toContain("next-rows");
    expect(await pages([["one"]], { hasNextPage: true })).toContain("next-rows");
  });

  it("tells at the button why the next page did not come, and keeps the rows", async () => {
    const failed = await pages([["one"]], { hasNextPage: true, error: refused(500) });
    expect(failed).toContain("one");
    expect(failed).toContain("own words");
    expect(failed).toContain("next-rows");
  });
});

describe("the signature box", () => {
  const box = (state: SignState, more: { blocked?: string } = {}) =>
    shown(
      <SignBox
        statement="statement-given"
        digest="digest-given"
        meaning="meaning-given"
        signer={{ name: "name-given", capacity: "capacity-given", login: "login-given" }}
        methods={["password", "passkey"]}
        state={state}
        onSign={() => undefined}
        {...more}
      />,
    );

  it("asks for nothing where the person may not sign", async () => {
    const text = await box({ phase: "ready" }, { blocked: "why-not" });
    expect(text).toContain("why-not");
    expect(text).not.toContain(pseudo("Your password"));
    expect(await box({ phase: "ready" })).toContain(pseudo("Sign with"));
  });

  it("never says that nothing was signed where that is not known", async () => {
    const nothing = pseudo("Nothing was signed");
    expect(await box({ phase: "refused", problem: problemOf(refused(422)) })).toContain(nothing);
    for (const error of [refused(500), new TypeError("no answer")]) {
      expect(await box({ phase: "refused", problem: problemOf(error) })).not.toContain(nothing);
    }
  });

  it("shows a receipt and no field when it is done", async () => {
    const text = await box({ phase: "done", receipt: { log: "log-given", index: 88190 } });
    expect(text).toContain("88190");
    expect(text).not.toContain(pseudo("Your password"));
  });
});

describe("every word", () => {
  it("comes from the files of messages", async () => {
    const given = ["statement", "digest", "meaning", "name", "capacity", "login", "log"].map(
      (each) => `${each}-given`,
    );
    const pages = [
      <Loading key="loading" />,
      <ProofBadge key="proof" state="failed" />,
      <QueryView key="error" query={query({ error: refused(500) })}>
        {() => null}
      </QueryView>,
      <QueryView key="forbidden" query={query({ error: refused(403) })}>
        {() => null}
      </QueryView>,
      <SignBox
        key="box"
        statement="statement-given"
        digest="digest-given"
        meaning="meaning-given"
        signer={{ name: "name-given", capacity: "capacity-given", login: "login-given" }}
        methods={["password", "passkey"]}
        state={{ phase: "refused", problem: problemOf(refused(422)) }}
        onSign={() => undefined}
      />,
    ];
    for (const page of pages) {
      expect(strange(await shown(page), [...given, "own words", "CODE", "ref-7"])).toEqual([]);
    }
  });
});
