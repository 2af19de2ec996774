/** The frame around every screen: who one is, where one can go, and the screen itself. */
import { lazy, Suspense, useState } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover, RouterProvider } from "react-aria-components";
import { type NavigateOptions, Outlet, useHref, useLocation, useNavigate } from "react-router";
import { useMe } from "../api/session";
import { Button, ButtonLink, Icon, Loading } from "../design";
import { useWords } from "../i18n";
import { Help } from "./help/Help";
import { signOut } from "./leaving";
import { Navigation } from "./Navigation";
import { SessionEnd } from "./SessionEnd";
import { SignedOut } from "./SignedOut";
import { Search } from "./search/Search";
import { useSignedOut } from "./signed_out";
import { TourButton, TourPanel } from "./tour/TourPanel";
import { useTour } from "./tour/tour";
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

/** Its fields are loaded when somebody opens it. */
const Preferences = lazy(() => import("./Preferences"));

const OUTSIDE = /^(\/(v1|sign-in|sign-out|verify|static|report)\b|[a-z]+:)/;

function Frame() {
  const say = useWords();
  const isSignedOut = useSignedOut();
  const [isOpen, setOpen] = useState(false);
  const [isHelp, setHelp] = useState(false);
  const tour = useTour();
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
      <div className={isOpen ? "side open" : "side"} id="side">
        <Navigation onGo={() => setOpen(false)} />
      </div>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {tour?.isOpen && <TourPanel tour={tour} />}
      {isSignedOut && <SignedOut />}
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

/** Who is signed in, their choices, and the way out. */
function Account() {
  const say = useWords();
  const { person, actor } = useMe();
  const { pathname } = useLocation(); // going somewhere else closes it
  const name = person?.name ?? person?.ref ?? String(actor.id);
  return (
    <DialogTrigger key={pathname}>
      <AriaButton className="button plain account-button" aria-label={say("shell.account", { name })}>
        <Icon name="person" />
        <span className="button-words account-name">{name}</span>
      </AriaButton>
      <Popover className="overlay account-menu" placement="bottom end">
        <Dialog className="stack" aria-label={say("shell.account", { name })}>
          {({ close }) => (
            <>
              <p>
                <strong>{name}</strong>
              </p>
              <Suspense fallback={<Loading lines={3} />}>
                <Preferences />
              </Suspense>
              <div className="row">
                <ButtonLink href="/account">{say("account.title")}</ButtonLink>
                <Button
                  onPress={() => {
                    close();
                    void signOut();
                  }}
                >
                  {say("shell.sign-out")}
                </Button>
              </div>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
