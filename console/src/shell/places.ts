/** Where in the console a thing of some kind is read, as far as there is a screen for it. */
import { matchPath } from "react-router";
import { SCREENS } from "./screens";

/** Kinds of things that search finds. */
export type Kind = "instances" | "tasks" | "blueprints" | "change-requests" | "persons" | "entries";

const PLACES: Readonly<Record<Kind, (id: string, title: string) => string>> = {
  instances: (id) => `/instances/${id}`,
  tasks: (id) => `/tasks/${id}`,
  blueprints: (id) => `/blueprints/${id}`,
  "change-requests": (id) => `/changes/${id}`,
  persons: (_, title) => `/access?text=${title}`,
  entries: (id) => `/ledger/${id}`,
};

/** The address of a thing called `title`, below /console; null where no screen shows it. */
export function placeOf(kind: Kind, id: string, title: string): string | null {
  const place = PLACES[kind](encodeURIComponent(id), encodeURIComponent(title));
  return hasScreen(place) ? place : null;
}

/** Whether a screen stands at an address below /console. */
export function hasScreen(place: string): boolean {
  const path = place.split(/[?#]/)[0] ?? "";
  return SCREENS.some((screen) => matchPath(`/${screen.path}`, path) !== null);
}
