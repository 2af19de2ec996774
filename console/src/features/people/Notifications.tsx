/** What this person was told of, newest first, and how they want to be told. */

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { useLive } from "../../api/live";
import { useWrite } from "../../api/writing";
import {
  Button,
  Count,
  Empty,
  Loading,
  problemOf,
  QueryView,
  Tag,
  Time,
  visible,
  WriteProblem,
} from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import Notices from "./Notices";
import { markRead, type Notification, useNotifications } from "./people";
import "./people.css";

/** Its fields are more than the list needs. */
const Chosen = lazy(() => import("./Preferences"));

/** The screen. */
export function Component() {
  const say = useWords();
  const queries = useQueryClient();
  const found = useNotifications();
  useLive("notifications", [["notifications"]]);
  const newest = found.data?.items[0]?.cause;
  const read = useWrite({
    send: (upto: number) => markRead(upto),
    onSettled: () => queries.invalidateQueries({ queryKey: ["notifications"] }),
  });
  const unread = found.data?.unread ?? 0;
  return (
    <Page
      title={say("notifications.title")}
      actions={
        unread > 0 && newest !== undefined ? (
          <Button busy={read.isPending} onPress={() => read.mutate(newest)}>
            {say("notifications.read")} <Count>{unread}</Count>
          </Button>
        ) : undefined
      }
    >
      {read.error !== null && <WriteProblem problem={problemOf(read.error)} />}
      <QueryView
        query={found}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={say("notifications.empty")}>{say("notifications.empty.next")}</Empty>}
      >
        {(data) => (
          <ul className="comments">
            {data.items.map((one) => (
              <li key={one.cause} className="stack">
                <div className="row">
                  {!one.is_read && <Tag tone="accent">{say("notifications.new")}</Tag>}
                  <Link to={placeOf(one)}>{say(kindKey(one.kind))}</Link>
                  <span>{visible(one.title)}</span>
                  <span className="muted small">{visible(one.blueprint_title)}</span>
                  <Time at={one.made_at} />
                </div>
                {one.notices.length > 0 && <Notices notices={one.notices} />}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <section className="stack" aria-labelledby="told-title">
        <h2 id="told-title">{say("notifications.preferences")}</h2>
        <Suspense fallback={<Loading />}>
          <Chosen />
        </Suspense>
      </section>
    </Page>
  );
}

const KINDS: Readonly<Record<Notification["kind"], MessageKey>> = {
  mentioned: "notifications.kind.mentioned",
  assigned: "notifications.kind.assigned",
  delegated: "notifications.kind.delegated",
  returned: "notifications.kind.returned",
  taken: "notifications.kind.taken",
  "incident assigned": "notifications.kind.incident-assigned",
  substitute: "notifications.kind.substitute",
  "standing in": "notifications.kind.standing-in",
  escalated: "notifications.kind.escalated",
  told: "notifications.kind.told",
  late: "notifications.kind.late",
  "due soon": "notifications.kind.due-soon",
  incident: "notifications.kind.incident",
  approval: "notifications.kind.approval",
  review: "notifications.kind.review",
  offered: "notifications.kind.offered",
  watched: "notifications.kind.watched",
};

function kindKey(kind: Notification["kind"]): MessageKey {
  return KINDS[kind];
}

function placeOf(one: Notification): string {
  if (one.target === "task") return `/tasks/${one.about}`;
  if (one.target === "substitution") return "/";
  if (one.target === "change") return `/changes/${one.about}`;
  return one.target === "incident" ? `/incidents?instance=${one.instance}` : `/instances/${one.instance}`;
}
