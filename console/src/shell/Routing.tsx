/** Addresses of the console: the shell around every screen, each loaded when somebody goes there. */
import type { QueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import { BrowserRouter, matchPath, Navigate, Route, Routes, useLocation } from "react-router";
import { useMe } from "../api/session";
import { Loading } from "../design";
import { Guard, Missing } from "./Broken";
import { fetched, partsCome } from "./part";
import { Shell } from "./Shell";
import { BASE, landing, SCREENS } from "./screens";

const PLACES = SCREENS.map((screen) => ({
  path: screen.path,
  load: screen.load,
  ...fetched(async () => {
    const { Component } = await screen.load();
    await partsCome();
    return { default: Component };
  }),
}));

/**
 * Fetches the code of the screen at an address, before anything can be shown, and then asks for what it shows first,
 * once somebody is known to be here. Settles when its parts have come, also when something could not be had.
 */
export async function fetchPlace(
  at: Location,
  isSomebody: Promise<boolean>,
  queries: QueryClient,
): Promise<void> {
  const inside = at.pathname.slice(BASE.length);
  for (const { path, load, ask } of PLACES) {
    const matched = matchPath(`/${path}`, inside);
    if (matched === null) continue;
    const screen = await load().catch(() => undefined);
    if (await isSomebody) screen?.ask?.(queries, { params: matched.params, search: at.search });
    await ask();
    return;
  }
}

/** Sends somebody to where their work begins. */
function Landing() {
  return <Navigate replace to={`/${landing(useMe().may)}`} />;
}

/** A screen in its place: waiting for its code, and apart from the others when it breaks. */
function Place({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  return (
    <Guard key={pathname}>
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </Guard>
  );
}

/** The whole console. */
export function Routing() {
  return (
    <BrowserRouter basename={BASE}>
      <Routes>
        <Route path="/" element={<Shell />}>
          <Route index element={<Landing />} />
          {PLACES.map(({ path, Component }) => (
            <Route
              key={path}
              path={path}
              element={
                <Place>
                  <Component />
                </Place>
              }
            />
          ))}
          <Route path="*" element={<Missing />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
