/** A few words on hover and focus. Never the only place where something needed stands. */
import type { ReactNode } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components";
import { Button } from "./Button";
import "./tooltip.css";

/** Explains the Button or ButtonLink in it. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={400} closeDelay={100}>
      {children}
      <AriaTooltip className="tooltip" offset={6}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}

/** What a number or a word means, behind a small button beside it: `label` names the button. */
export function Definition({ label, text }: { label: string; text: string }) {
  return (
    <Tooltip text={text}>
      <Button kind="plain" icon="info" iconOnly small>
        {label}
      </Button>
    </Tooltip>
  );
}
