/** What steps told somebody: the text, and the data of that moment, as far as they may read them. */
import { visible } from "../../design";
import { Data, Value } from "../inbox/values";
import type { Notification } from "./people";

/** Several where one entry told several things; then each has the title of its step, but the first, which stands above. */
export default function Notices({ notices }: { notices: Notification["notices"] }) {
  return notices.map((one, place) => (
    <div key={one.activation} className="told-notice">
      {place > 0 && <span className="muted small">{visible(one.title)}</span>}
      {typeof one.text === "string" ? (
        <p className="comment-text">{visible(one.text)}</p>
      ) : (
        <Value value={one.text} />
      )}
      {Object.keys(one.shown).length > 0 && <Data data={one.shown} />}
    </div>
  ));
}
