/** The frame around every screen: who one is, where one can go, and the screen itself. */
import { lazy, Suspense, useRef, useState } from "react";
import { Button as AriaButton, RouterProvider } from "react-aria-components";
import { type NavigateOptions, Outlet, useHref, useLocation, useNavigate } from "react-router";
import { useLeft } from "../api/left";
import { useEarlier } from "../api/open_commands";
import { useMe } from "../api/session";
import { Asking, GoingContext, Icon, Loading, Placeholder } from "../design";
import { useWords } from "../i18n";
import { Help } from "./help/Help";
import { Navigation } from "./Navigation";
import { SessionEnd } from "./SessionEnd";
import { Search } from "./search/Search";
import { useSignedOut } from "./signed_out";
import { TourButton } from "./tour/TourButton";
import { useTour } from "./tour/tour";
import "./shell.css";
import "./over.css";

declare module "react-aria-components" {
  interface RouterConfig {
    routerOptions: NavigateOptions;
  }
}

/** Waits until it is known who is here; then the frame with the screen in it. */
export function Shell() {
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  const addressOf = (href: string) => (OUTSIDE.test(href) ? href : base + href);
  const go = (href: string, options?: NavigateOptions) => {
    if (OUTSIDE.test(href)) window.location.assign(href);
    else void navigate(href, options);
  };
  return (
    <RouterProvider navigate={go} useHref={usePlace}>
      <GoingContext value={{ go, addressOf }}>
        <Suspense fallback={<Loading lines={3} />}>
          <Frame />
        </Suspense>
      </GoingContext>
    </RouterProvider>
  );
}

/** Paths of ours lie below /console; the server's own, such as sign-in and downloads, are taken as they are. */
function usePlace(href: string): string {
  const inside = useHref(href);
  return OUTSIDE.test(href) ? href : inside;
}

// Most visits open none of these: their code is fetched when it is needed.
const AccountMenu = lazy(() => import("./AccountMenu"));
const EarlierBar = lazy(() => import("./EarlierBar"));
const LeftBar = lazy(() => import("./LeftBar"));
const SignedOut = lazy(() => import("./SignedOut"));
const TourPanel = lazy(() => import("./tour/TourPanel"));

const OUTSIDE = /^(\/(v1|sign-in|sign-out|verify|static|report)\b|[a-z]+:)/;

function Frame() {
  const say = useWords();
  const isSignedOut = useSignedOut();
  const [isOpen, setOpen] = useState(false);
  const [isHelp, setHelp] = useState(false);
  const tour = useTour();
  const left = useLeft();
  const earlier = useEarlier();
  const { pathname } = useLocation();
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
          <Search onHelp={() => setHelp(true)} />
          {tour && <TourButton tour={tour} />}
          <Help isOpen={isHelp} setOpen={setHelp} onTour={tour ? () => tour.setOpen(true) : undefined} />
          <Account />
        </div>
      </header>
      <SessionEnd />
      {left !== null && (
        <Suspense fallback={<Placeholder />}>
          <LeftBar left={left} />
        </Suspense>
      )}
      {earlier !== null && (
        <Suspense fallback={<Placeholder />}>
          <EarlierBar earlier={earlier} />
        </Suspense>
      )}
      <div className={isOpen ? "side open" : "side"} id="side">
        <Navigation onGo={() => setOpen(false)} />
      </div>
      {/* What is typed there stays until it is safe; what is read there may no longer be looked at. */}
      <main id="main" tabIndex={-1} hidden={isSignedOut}>
        <Asking place={pathname}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Asking>
      </main>
      {tour?.isOpen && (
        <Suspense fallback={<Placeholder />}>
          <TourPanel tour={tour} />
        </Suspense>
      )}
      {isSignedOut && (
        <Suspense fallback={<Placeholder />}>
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
  const { pathname } = useLocation();
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === pathname; // going somewhere else closes it
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
        onPress={() => setOpenAt(isOpen ? null : pathname)}
      >
        <Icon name="person" />
        <span className="button-words account-name">{name}</span>
      </AriaButton>
      {isOpen && (
        <Suspense fallback={<Placeholder />}>
          <AccountMenu name={name} trigger={trigger} onClose={() => setOpenAt(null)} />
        </Suspense>
      )}
    </>
  );
}
