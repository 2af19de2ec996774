/** The frame around every screen: who one is, where one can go, and the screen itself. */
import { lazy, Suspense, useRef, useState } from "react";
import { Button as AriaButton, RouterProvider } from "react-aria-components";
import { type NavigateOptions, Outlet, useHref, useNavigate } from "react-router";
import { useKeptAlive, useMe } from "../api/session";
import { Icon, Loading } from "../design";
import { useWords } from "../i18n";
import { Navigation } from "./Navigation";
import { useSignedOut } from "./signed_out";
import "./shell.css";

declare module "react-aria-components" {
  interface RouterConfig {
    routerOptions: NavigateOptions;
  }
}

/** Waits until it is known who is here; then the frame with the screen in it. */
export function Shell() {
  const navigate = useNavigate();
  return (
    <RouterProvider navigate={navigate} useHref={usePlace}>
      <Suspense fallback={<Loading lines={3} />}>
        <Frame />
      </Suspense>
    </RouterProvider>
  );
}

/** Paths of ours lie below /console; the server's own, such as sign-in and downloads, are taken as they are. */
function usePlace(href: string): string {
  const inside = useHref(href);
  return OUTSIDE.test(href) ? href : inside;
}

// Most visits open neither: their code is fetched when it is needed.
const AccountMenu = lazy(() => import("./AccountMenu"));
const SignedOut = lazy(() => import("./SignedOut"));

const OUTSIDE = /^(\/(v1|sign-in|sign-out|verify|static|report)\b|[a-z]+:)/;

function Frame() {
  const say = useWords();
  const isSignedOut = useSignedOut();
  const [isOpen, setOpen] = useState(false);
  useKeptAlive();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {say("shell.skip")}
      </a>
      <header className="top">
        <AriaButton
          className="button plain icon-only nav-toggle"
          aria-expanded={isOpen}
          aria-controls="side"
          onPress={() => setOpen(!isOpen)}
        >
          <Icon name="lines" />
          <span className="visually-hidden">{say("shell.navigation")}</span>
        </AriaButton>
        <Name />
        <div className="top-end">
          <Account />
        </div>
      </header>
      <div className={isOpen ? "side open" : "side"} id="side">
        <Navigation onGo={() => setOpen(false)} />
      </div>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {isSignedOut && (
        <Suspense fallback={null}>
          <SignedOut />
        </Suspense>
      )}
    </div>
  );
}

/** The product, the organisation, and the mark of one in which nothing is real. */
function Name() {
  const say = useWords();
  const { log, is_demo } = useMe();
  return (
    <p className="name">
      <strong>Muniment</strong>
      <span className="name-log">{log}</span>
      {is_demo && <span className="ribbon">{say("shell.demo")}</span>}
    </p>
  );
}

/** Who is signed in; what opens below it is loaded then. */
function Account() {
  const say = useWords();
  const { person, actor } = useMe();
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const name = person?.name ?? person?.ref ?? String(actor.id);
  return (
    <>
      <AriaButton
        ref={trigger}
        className="button plain account-button"
        aria-label={say("shell.account", { name })}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPress={() => setOpen(!isOpen)}
      >
        <Icon name="person" />
        <span className="button-words account-name">{name}</span>
      </AriaButton>
      {isOpen && (
        <Suspense fallback={null}>
          <AccountMenu name={name} trigger={trigger} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
