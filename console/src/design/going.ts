/** Where links lead and how they are followed: what the frame around a screen knows, and the design system does not. */
import { createContext, useContext } from "react";

export interface Going {
  /** The whole path of a place, as an anchor would have it. */
  readonly addressOf: (href: string) => string;
  /** Follows a link to a place. */
  readonly go: (href: string) => void;
}

/** Without a frame, as the browser does it. */
const PLAIN: Going = {
  addressOf: (href) => href,
  go: (href) => window.location.assign(href),
};

export const GoingContext = createContext<Going>(PLAIN);

/** How the links of this screen are followed. */
export function useGoing(): Going {
  return useContext(GoingContext);
}
