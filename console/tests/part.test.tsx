/** Code that comes in chunks: drawn at once where it is here, asked for again where it could not be had. */
import { Suspense } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { matchPath } from "react-router";
import { describe, expect, it } from "vitest";
import { fetched, part, partsCome } from "../src/shell/part";
import { BASE, SCREENS, screenAt } from "../src/shell/screens";

const Here = () => <b>here</b>;
const drawn = (One: ReturnType<typeof part>) =>
  renderToStaticMarkup(
    <Suspense fallback="coming">
      <One />
    </Suspense>,
  );

describe("code that is fetched", () => {
  it("is drawn at once when it has come", async () => {
    const { ask, Component } = fetched(async () => ({ default: Here }));
    await ask();
    expect(drawn(Component)).toBe("<b>here</b>");
  });

  it("is waited for when it has not", () => {
    const { Component } = fetched(() => new Promise<{ default: typeof Here }>(() => undefined));
    expect(drawn(Component)).toContain("coming");
  });

  it("is asked for once, and again after a failure", async () => {
    let tries = 0;
    const { ask, Component } = fetched(async () => {
      tries += 1;
      if (tries === 1) throw new Error("no network");
      return { default: Here };
    });
    await ask();
    await ask();
    await ask();
    expect(tries).toBe(2);
    expect(drawn(Component)).toBe("<b>here</b>");
  });

  it("has come with the parts that it asks for itself", async () => {
    let Inner: ReturnType<typeof part> | undefined;
    part(async () => {
      Inner = part(async () => ({ default: Here }));
      return { default: Here };
    });
    await partsCome();
    expect(Inner !== undefined && drawn(Inner)).toBe("<b>here</b>");
  });

  it("hinders nobody where a part cannot be had", async () => {
    part(() => Promise.reject(new Error("no network")));
    await expect(partsCome()).resolves.toBeUndefined();
  });
});

describe("the screen at an address", () => {
  it.each(SCREENS.map(({ path }) => path))("%s is the one that the router shows", (path) => {
    const address = `${BASE}/${path.replace(/:\w+/g, "one")}`;
    const routed = SCREENS.find(
      (screen) => matchPath(`/${screen.path}`, address.slice(BASE.length)) !== null,
    );
    expect(screenAt(address)).toBe(routed);
    expect(screenAt(address)?.path).toBe(path);
  });

  it.each(["/console/", "/console/nowhere", "/console/inbox/more/yet"])("%s has none", (address) => {
    expect(screenAt(address)).toBeUndefined();
  });
});
