/** A number that opens the list it counts; a number alone to whoever is not offered that list. */
import { Link } from "react-router";
import { useMe } from "../../api/session";
import { useFormats, useWords } from "../../i18n";
import { placeOf } from "../../shell/filters";
import { BASE, isOffered, screenAt } from "../../shell/screens";

/** `href` is the list's address in the interface; `name` says what is counted, where nothing beside it does. */
export function CountLink(props: { href: string; count: number; name?: string; className?: string }) {
  const say = useWords();
  const formats = useFormats();
  const { may } = useMe();
  const { href, count, name, className } = props;
  const place = placeOf(href);
  const screen = screenAt(`${BASE}${place.split("?")[0]}`);
  const words = formats.number(count);
  if (screen === undefined || !isOffered(screen, may)) return <span className={className}>{words}</span>;
  return (
    <Link
      className={className}
      to={place}
      aria-label={name === undefined ? undefined : say("overview.open", { count, name })}
    >
      {words}
    </Link>
  );
}
