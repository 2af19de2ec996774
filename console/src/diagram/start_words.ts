/** What a way to begin is called, where a blueprint has several. */
import type { MessageKey, Say } from "../i18n";

const STARTS: Readonly<Record<string, MessageKey>> = {
  api: "diagram.start.api",
  message: "diagram.start.message",
  schedule: "diagram.start.schedule",
  instance: "diagram.start.instance",
};

/** By its name, such as `message order-placed`; empty where it has none, being the only one. */
export function startWords(say: Say, name: string): string {
  const [by = "", message = ""] = name.split(" ", 2);
  const start = STARTS[by];
  return start === undefined ? "" : say(start, { message: message.replaceAll("-", " ") });
}
