/** Our own small icons, drawn on a grid of 16 with one line width. Always beside words or under a label. */
import "./icon.css";

const PATHS = {
  add: "M8 3v10M3 8h10",
  arrow: "M3 8h10M9 4l4 4-4 4",
  ai: "M4 6.5h8a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7.5a1 1 0 0 1 1-1ZM8 3v3.5M6 9.5v.5M10 9.5v.5",
  calendar: "M3 4.5h10v9H3zM3 7.5h10M5.5 2.5v3M10.5 2.5v3",
  call: "M2.5 4h11v3.5h-11zM2.5 9h11v3.5h-11zM5 5.750h.5M5 10.750h.5",
  changed: "M8 3v6M5 6h6M5 12.5h6",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  choice: "M8 2.5 13.5 8 8 13.5 2.5 8Z",
  chevron: "M4 6l4 4 4-4",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3l2 1.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  down: "M8 3v10M4 9l4 4 4-4",
  failed: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM6 6l4 4M10 6l-4 4",
  inbox: "M2.500 8.500 4.500 3.500h7l2 5v4h-11ZM2.500 8.500h3.500l.750 1.500h2.500L10 8.500h3.500",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 7.5V11M8 5v.2",
  join: "M3 3v4h10V3M8 7v6",
  key: "M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8.3 7.7 2.5 13.5M4.5 11.5l2 2M6.5 9.5l1.5 1.5",
  lines: "M3 4.5h10M3 8h10M3 11.5h10",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5.5a2.5 2.5 0 0 1 5 0v2",
  menu: "M8 3.5v.2M8 8v.2M8 12.5v.2",
  offline: "M2.5 6.5a8 8 0 0 1 11 0M5 9a4.5 4.5 0 0 1 6 0M8 12v.2M3 13 13 3",
  parallel: "M8 3v4M3 13V7h10v6",
  person: "M8 3a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM3 13.5c.5-3 2.5-4 5-4s4.5 1 5 4",
  play: "M5 3.5v9L12.5 8Z",
  proven: "M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4ZM5.700 8 7.400 9.700 10.5 6.5",
  refresh: "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v3h-3",
  removed: "M3 8h10",
  rules: "M3 3.5h10v9H3zM3 6.5h10M6.5 6.5v6",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM10 10l3.5 3.5",
  signature: "M3 13.5h10M4 10.5l.7-2.7 6-6 2 2-6 6Z",
  stop: "M4 4h8v8H4z",
  unchecked: "M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4Z",
  up: "M8 13V3M4 7l4-4 4 4",
  warning: "M8 2.5 14 13H2ZM8 6.5v3M8 11.300v.2",
} as const;

export type IconName = keyof typeof PATHS;

/** One icon, 16 px, in the colour of the text around it; hidden from screen readers, which read the words. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The line of an icon, for drawings that hold their own svg. */
export function iconPath(name: IconName): string {
  return PATHS[name];
}
