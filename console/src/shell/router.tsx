/** Addresses of the console: the shell around every screen, each in a file of its own. */
import { createBrowserRouter, Navigate } from "react-router";
import { useMe } from "../api/session";
import { Loading } from "../design";
import { Broken, Missing } from "./Broken";
import { Shell } from "./Shell";
import { landing, SCREENS } from "./screens";

/** Sends somebody to where their work begins. */
function Landing() {
  return <Navigate replace to={`/${landing(useMe().may)}`} />;
}

export function makeRouter() {
  return createBrowserRouter(
    [
      {
        path: "/",
        Component: Shell,
        ErrorBoundary: Broken,
        HydrateFallback: Loading,
        children: [
          { index: true, Component: Landing },
          ...SCREENS.map((screen) => ({ path: screen.path, lazy: screen.load, ErrorBoundary: Broken })),
          { path: "*", Component: Missing },
        ],
      },
    ],
    { basename: "/console" },
  );
}
