/** What search, tour and licences decide without a page. */
import { describe, expect, it } from "vitest";
import { licencesOf } from "../licences";
import { bytesOf, textOf } from "../src/api/webauthn";
import german from "../src/i18n/de";
import { sayer } from "../src/i18n/messages";
import { hasScreen, type Kind, placeOf } from "../src/shell/places";
import { textOfStyle } from "../src/shell/printed";
import { listOf, SCREENS } from "../src/shell/screens";
import { detailOf, foundGroups, matching, recentChoices } from "../src/shell/search/choices";
import { forgetRecent, recentOf, remember } from "../src/shell/search/recent";
import { stopsOf, visitedAt } from "../src/shell/tour/tour";
import { keepTour, NOTHING, tourMemory } from "../src/shell/tour/tour_memory";

function store(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

describe("a place", () => {
  it("is offered only where a screen stands", () => {
    expect(hasScreen("/account")).toBe(true);
    expect(hasScreen("/account?tab=x#y")).toBe(true);
    expect(hasScreen("/no-such-screen")).toBe(false);
    expect(hasScreen("/account/of/another")).toBe(false);
  });

  it("never lets an id lead elsewhere", () => {
    const place = placeOf("blueprints", "../account", "x");
    expect(place === null || place === "/blueprints/..%2Faccount").toBe(true);
  });
});

describe("the navigation", () => {
  it("marks the list of every screen that is not in it", () => {
    const listed = new Set(SCREENS.filter((screen) => screen.nav).map((screen) => screen.path));
    const apart = SCREENS.filter((screen) => !listed.has(listOf(`/${screen.path}`)));
    expect(apart.map((screen) => screen.path)).toEqual(["licences"]); // reached from help, and in no list
    expect([listOf("/tasks/pi_1.2"), listOf("/tasks"), listOf("/changes/cr_1/edit")]).toEqual([
      "inbox",
      "overview",
      "changes",
    ]);
  });
});

describe("the foot of a printed page", () => {
  it("is a text of a style sheet that ends nowhere but at its end", () => {
    expect(textOfStyle("Instance pi_1, blueprint")).toBe('"Instance pi_1, blueprint"');
    const hostile = textOfStyle('a"; } * { color: red } \\\n</style>');
    expect(hostile).toBe('"a\\22 ; } * { color: red } \\5c \\a </style>"');
  });
});

describe("search", () => {
  const commands = ["Your account", "Évidence packs", "Sign out"].map((title) => ({
    key: title,
    icon: "arrow" as const,
    title,
  }));

  it("finds commands by every word, whatever case and accents", () => {
    const titles = (text: string) => matching(commands, text).map((one) => one.title);
    expect(titles("ACCOUNT your")).toEqual(["Your account"]);
    expect(titles("evidence")).toEqual(["Évidence packs"]);
    expect(titles("sign in")).toEqual([]);
    expect(titles("  ")).toHaveLength(3);
  });

  it("leaves out groups without anything to go to", () => {
    const item = { id: "x", title: "X", text: "", href: "/v1/x", about: "", status: "" };
    const groups = (["instances", "entries"] as const).map((kind) => ({
      kind,
      items: kind === "entries" ? [] : [item],
      is_partial: false,
      refused: null,
    }));
    const found = foundGroups(
      { q: "x", groups, as_of: 1 },
      (kind) => kind,
      () => "",
    );
    expect(found.every((group) => group.choices.every((one) => hasScreen(one.place ?? "")))).toBe(true);
    expect(found.some((group) => group.key === "entries")).toBe(false);
    expect(
      foundGroups(
        undefined,
        (kind) => kind,
        () => "",
      ),
    ).toEqual([]);
  });

  it("says what was found in the reader's language", () => {
    const say = sayer(german, "de-DE");
    const detail = (kind: Kind, about: string, status: string) =>
      detailOf(kind, { id: "x", title: "X", text: "", href: "", about, status }, say, (at) => `am ${at}`);
    expect(detail("instances", "Loan", "active")).toBe("Loan, Läuft");
    expect(detail("change-requests", "blueprint loan", "in review")).toBe("blueprint loan, In Prüfung");
    expect(detail("tasks", "", "claimed")).toBe("Übernommen");
    expect(detail("persons", "", "left")).toBe("Ausgeschieden");
    expect(detail("blueprints", "", "3")).toBe("Version 3");
    expect(detail("entries", "task.completed", "2026")).toBe("task.completed, am 2026");
    expect(detail("instances", "Loan", "unheard")).toBe("Loan, unheard");
  });

  it("remembers the last five of one session, and nothing of another", () => {
    const storage = store();
    for (const id of ["1", "2", "3", "4", "5", "6", "2"])
      remember("session-a", { kind: "instances", id, title: id }, storage);
    expect(recentOf("session-a", storage).map((one) => one.id)).toEqual(["2", "6", "5", "4", "3"]);
    expect(recentOf("session-b", storage)).toEqual([]);
    expect(recentOf("session-a", storage)).toEqual([]); // forgotten when another looked
    remember("session-b", { kind: "tasks", id: "1", title: "1" }, storage);
    forgetRecent(storage);
    expect(recentOf("session-b", storage)).toEqual([]);
  });

  it("takes damaged memory for none", () => {
    const storage = store();
    for (const text of ["", "7", "null", '{"owner":"a","items":7}', '{"owner":"a","items":[{"kind":1}]}']) {
      storage.setItem("muniment.recent", text);
      expect(recentOf("a", storage)).toEqual([]);
    }
    expect(recentChoices([{ kind: "toString" as never, id: "1", title: "1" }], String)).toEqual([]);
  });
});

describe("the tour", () => {
  const stop = (id: string, route: string | null, done: boolean | null) => ({
    id,
    title: `tour.${id}.title`,
    words: `tour.${id}.words`,
    route,
    recognised_by: done === null ? ("session" as const) : ("ledger" as const),
    done,
  });
  const told = [stop("own", "/account", null), stop("act", "/account", false), stop("none", null, true)];

  it("believes the ledger before the browser", () => {
    const stops = stopsOf(told, ["own", "act"]);
    expect(stops.map((one) => one.isDone)).toEqual([true, false, true]);
    expect(stops.map((one) => one.place)).toEqual(["/account", "/account", null]);
  });

  it("takes a visit for what only visits show", () => {
    expect(visitedAt(told, "/account")).toEqual(["own"]);
    expect(visitedAt(told, "/licences")).toEqual([]);
  });

  it("is remembered for each person apart", () => {
    const storage = store();
    keepTour("acme a", { isOpen: false, visited: ["own"] }, storage);
    keepTour("acme b", { isOpen: true, visited: [] }, storage);
    expect(tourMemory("acme a", storage)).toEqual({ isOpen: false, visited: ["own"] });
    expect(tourMemory("acme b", storage)).toEqual({ isOpen: true, visited: [] });
    expect(tourMemory("acme c", storage)).toEqual(NOTHING);
    storage.setItem("muniment.tour", "[");
    expect(tourMemory("acme a", storage)).toEqual(NOTHING);
  });
});

describe("licences", () => {
  const { packages, texts } = licencesOf();

  it("are those of what is built in, and not of tools", () => {
    const names = packages.map((one) => one.name);
    expect(names).toContain("react");
    expect(names).toContain("@fontsource-variable/inter");
    for (const tool of ["vite", "typescript", "axe-core", "@types/react"]) expect(names).not.toContain(tool);
  });

  it("each name a licence that may be shipped, and texts of their own", () => {
    const allowed = ["MIT", "Apache-2.0", "ISC", "0BSD", "BSD-3-Clause", "BSD-2-Clause", "OFL-1.1"];
    expect(packages.filter((one) => !allowed.includes(one.licence))).toEqual([]);
    expect(packages.filter((one) => one.text !== null && !texts[one.text])).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("base64url", () => {
  it("comes back as it was, whatever the bytes", () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const length of [0, 1, 2, 3, 256]) {
      const bytes = every.slice(0, length);
      const text = textOf(bytes.buffer);
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
      expect(bytesOf(text)).toEqual(bytes);
    }
  });
});
