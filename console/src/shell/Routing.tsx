/** Addresses of the console: the shell around every screen, each loaded when somebody goes there. */
import { lazy, type ReactNode, Suspense } from "react";
import { BrowserRouter, matchPath, Navigate, Route, Routes, useLocation } from "react-router";
import { useMe } from "../api/session";
import { Loading } from "../design";
import { Guard, Missing } from "./Broken";
import { Shell } from "./Shell";
import { landing, SCREENS } from "./screens";

const PLACES = SCREENS.map((screen) => ({
  path: screen.path,
  Component: lazy(() => screen.load().then((loaded) => ({ default: loaded.Component }))),
}));

const BASE = "/console";

/** Begins to fetch the code of the screen at an address, before anything can be shown. */
export function fetchPlace(pathname: string): void {
  const inside = pathname.slice(BASE.length);
  const screen = SCREENS.find(({ path }) => matchPath(`/${path}`, inside) !== null);
  screen?.load().catch(() => undefined);
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
