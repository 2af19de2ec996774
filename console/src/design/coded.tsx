/** The service's sentences set names and values between backticks; screens set them in the letters of code instead. */
import type { ReactNode } from "react";
import { visible } from "./visible";

const QUOTED = /`([^`]+)`/;

/** The text, visible, with what stands between two backticks as code; a backtick alone stays what it is. */
export function coded(text: string): ReactNode {
  const parts = visible(text).split(QUOTED); // what was between two backticks has the odd places
  if (parts.length === 1) return parts[0];
  return parts.map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text stand where they stand
      <code key={at} className={at === 1 && parts[0] === "" ? "leading" : undefined}>
        {part}
      </code>
    ) : (
      part
    ),
  );
}
