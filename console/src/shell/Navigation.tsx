/** The navigation: what this person's roles offer, in three areas, always in the same order. */
import { Link, useLocation } from "react-router";
import { useMe } from "../api/session";
import { Icon } from "../design";
import { useWords } from "../i18n";
import { type Area, isOffered, listOf, SCREENS } from "./screens";

const AREAS = ["work", "design", "assurance"] as const satisfies readonly Area[];

/** Links to the screens, by area; areas without any are left out. `onGo` hears that one was chosen. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const say = useWords();
  const { may } = useMe();
  const current = listOf(useLocation().pathname);
  const offered = SCREENS.filter((screen) => isOffered(screen, may));
  return (
    <nav className="navigation" aria-label={say("shell.navigation")}>
      {AREAS.map((area) => {
        const screens = offered.filter((screen) => screen.nav?.area === area);
        if (screens.length === 0) return null;
        return (
          <div key={area} className="nav-area">
            <h2 id={`nav-${area}`}>{say(`shell.area.${area}`)}</h2>
            <ul aria-labelledby={`nav-${area}`}>
              {screens.map((screen) => (
                <li key={screen.path}>
                  <Link
                    to={`/${screen.path}`}
                    aria-current={screen.path === current ? "page" : undefined}
                    {...(onGo ? { onClick: onGo } : {})}
                  >
                    {screen.nav && <Icon name={screen.nav.icon} />}
                    <span>{say(screen.title)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
