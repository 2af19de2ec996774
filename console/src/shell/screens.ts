/** Every screen of the console: where it is, who is offered it, and its code, loaded when somebody goes there. */
import type { QueryClient } from "@tanstack/react-query";
import type { ComponentType } from "react";
import type { IconName } from "../design";
import type { MessageKey } from "../i18n";

export type Area = "work" | "design" | "assurance" | "own";

/** Where somebody is: what the path of the screen names, and the address's search. */
export interface Place {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly search: string;
}

/** The code of a screen. */
export interface Loaded {
  readonly Component: ComponentType;
  /** Asks the server for what the screen shows first, before it is drawn, when the console begins there. */
  readonly ask?: (queries: QueryClient, place: Place) => void;
}

export interface Screen {
  /** Path below /console, as React Router has it. */
  readonly path: string;
  readonly title: MessageKey;
  readonly load: () => Promise<Loaded>;
  /** Where it stands in the navigation; a screen without one is reached from another. */
  readonly nav?: { readonly area: Area; readonly icon: IconName };
  /** Any one of these acts, `object:action`, offers it; none stands for everybody. */
  readonly needs: readonly string[];
}

export const SCREENS: readonly Screen[] = [
  {
    path: "inbox",
    title: "inbox.title",
    load: () => import("../features/inbox/Inbox"),
    nav: { area: "work", icon: "inbox" },
    needs: ["task:read"],
  },
  {
    path: "tasks/:id",
    title: "inbox.title",
    load: () => import("../features/inbox/Inbox"),
    needs: ["task:read"],
  },
  {
    path: "instances",
    title: "instances.title",
    load: () => import("../features/instances/Instances"),
    nav: { area: "work", icon: "play" },
    needs: ["instance:read"],
  },
  {
    path: "instances/:id",
    title: "instances.one",
    load: () => import("../features/instances/Instance"),
    needs: ["instance:read"],
  },
  {
    path: "incidents",
    title: "incidents.title",
    load: () => import("../features/incidents/Incidents"),
    nav: { area: "work", icon: "warning" },
    needs: ["incident:read"],
  },
  {
    path: "acts",
    title: "steering.list.nav",
    load: () => import("../features/instances/Proposals"),
    nav: { area: "work", icon: "signature" },
    needs: ["instance:read"],
  },
  {
    path: "notifications",
    title: "notifications.title",
    load: () => import("../features/people/Notifications"),
    nav: { area: "work", icon: "info" },
    needs: ["task:read"],
  },
  {
    path: "overview",
    title: "overview.title",
    load: () => import("../features/overview/Overview"),
    nav: { area: "design", icon: "lines" },
    needs: ["overview:read"],
  },
  {
    path: "tasks",
    title: "overview.tasks.title",
    load: () => import("../features/overview/Tasks"),
    needs: ["task:read"],
  },
  {
    path: "ledger",
    title: "ledger.title",
    load: () => import("../features/ledger/Ledger"),
    nav: { area: "assurance", icon: "proven" },
    needs: ["ledger:read"],
  },
  {
    path: "ledger/verify",
    title: "verify.title",
    load: () => import("../features/ledger/Verify"),
    needs: [],
  },
  {
    path: "ledger/:index",
    title: "ledger.title",
    load: () => import("../features/ledger/EntryPage"),
    needs: ["ledger:read"],
  },
  {
    path: "evidence",
    title: "evidence.title",
    load: () => import("../features/evidence/Evidence"),
    nav: { area: "assurance", icon: "down" },
    needs: ["evidence-pack:read"],
  },
  {
    path: "access",
    title: "access.title",
    load: () => import("../features/access/Access"),
    nav: { area: "assurance", icon: "person" },
    needs: ["access:read"],
  },
  {
    path: "authorities",
    title: "authorities.title",
    load: () => import("../features/authorities/Authorities"),
    nav: { area: "assurance", icon: "signature" },
    needs: ["authority:read"],
  },
  {
    path: "authorities/:id",
    title: "authorities.grant",
    load: () => import("../features/authorities/GrantPage"),
    needs: ["authority:read"],
  },
  {
    path: "keys",
    title: "keys.title",
    load: () => import("../features/keys/Keys"),
    nav: { area: "assurance", icon: "key" },
    needs: ["register:read", "ledger:read"],
  },
  {
    path: "blueprints",
    title: "blueprints.title",
    load: () => import("../features/blueprints/Blueprints"),
    nav: { area: "design", icon: "parallel" },
    needs: ["blueprint:read"],
  },
  {
    path: "blueprints/:id",
    title: "blueprints.title",
    load: () => import("../features/blueprints/Blueprint"),
    needs: ["blueprint:read"],
  },
  {
    path: "blueprints/:id/v/:n",
    title: "blueprints.title",
    load: () => import("../features/blueprints/Blueprint"),
    needs: ["blueprint:read"],
  },
  {
    path: "schedules",
    title: "schedules.title",
    load: () => import("../features/services/Schedules"),
    nav: { area: "design", icon: "calendar" },
    needs: ["blueprint:read"],
  },
  {
    path: "agents",
    title: "agents.title",
    load: () => import("../features/services/Agents"),
    nav: { area: "design", icon: "ai" },
    needs: ["register:read"],
  },
  {
    path: "connectors",
    title: "connectors.title",
    load: () => import("../features/services/Connectors"),
    nav: { area: "design", icon: "call" },
    needs: ["register:read"],
  },
  {
    path: "changes",
    title: "changes.title",
    load: () => import("../features/changes/Changes"),
    nav: { area: "design", icon: "changed" },
    needs: ["change-request:read"],
  },
  {
    path: "changes/new",
    title: "changes.write.title",
    load: () => import("../features/changes/Write"),
    needs: ["change-request:propose"],
  },
  {
    path: "changes/:id",
    title: "changes.one",
    load: () => import("../features/changes/Change"),
    needs: ["change-request:read"],
  },
  {
    path: "changes/:id/edit",
    title: "changes.write.edit-title",
    load: () => import("../features/changes/Write"),
    needs: ["change-request:propose"],
  },
  {
    path: "account",
    title: "account.title",
    load: () => import("../features/account/Account"),
    nav: { area: "own", icon: "person" },
    needs: [],
  },
  {
    path: "licences",
    title: "licences.title",
    load: () => import("../features/licences/Licences"),
    needs: [],
  },
];

export const BASE = "/console";

/** The screen at an address of the browser, without the router's code; none where the address is no screen's. */
export function screenAt(pathname: string): Screen | undefined {
  const parts = pathname.slice(BASE.length + 1).split("/");
  return SCREENS.find(({ path }) => {
    const names = path.split("/");
    return (
      names.length === parts.length && names.every((name, at) => name.startsWith(":") || name === parts[at])
    );
  });
}

/** Where somebody begins: the first place whose act their roles allow. */
const LANDINGS: readonly (readonly [act: string, path: string])[] = [
  ["task:decide", "inbox"],
  ["task:complete", "inbox"],
  ["change-request:approve", "changes"],
  ["change-request:review", "changes"],
  ["change-request:propose", "overview"],
  ["access:read", "access"],
  ["incident:resolve", "incidents"],
  ["evidence-pack:pack", "evidence"],
];

/** Whether a screen is offered to somebody whose roles allow these acts. */
export function isOffered(screen: Screen, may: readonly string[]): boolean {
  return screen.needs.length === 0 || screen.needs.some((act) => may.includes(act));
}

/** The path of the screen in the navigation to which a place belongs: its list, or itself. */
export function listOf(pathname: string): string {
  const [, first = "", second = ""] = pathname.split("/");
  if (first !== "tasks") return first;
  return second === "" ? "overview" : "inbox"; // the tasks that a figure counts; one task, open or decided
}

/** The path of the first screen to show, by what the roles allow. */
export function landing(may: readonly string[], screens: readonly Screen[] = SCREENS): string {
  const shown = new Set(screens.filter((screen) => isOffered(screen, may)).map((screen) => screen.path));
  const wanted = LANDINGS.find(([act, path]) => may.includes(act) && shown.has(path));
  if (wanted !== undefined) return wanted[1];
  const first = screens.find((screen) => screen.nav !== undefined && isOffered(screen, may));
  return first?.path ?? "account";
}
