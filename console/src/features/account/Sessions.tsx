/** Every place where one is signed in, each of which can be ended from here. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useWrite } from "../../api/writing";
import { Button, Empty, problemOf, QueryView, Table, Tag, Time, WriteProblem } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { methodWords } from "./method";

const SESSIONS = ["me", "sessions"];

/** Sign-in sessions in force, newest first. */
export function Sessions() {
  const say = useWords();
  const zone = useFormats().zoneName(new Date());
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: SESSIONS,
    queryFn: async ({ signal }) => (await given(client.GET("/v1/me/sessions", { signal }))).items,
  });
  const end = useWrite({
    send: (id: string | null) => given(client.POST("/v1/me/sessions/end", { body: { session: id } })),
    onSettled: () => queries.invalidateQueries({ queryKey: SESSIONS }),
  });
  return (
    <section className="stack" aria-labelledby="sessions">
      <div className="row apart">
        <h2 id="sessions">{say("account.sessions")}</h2>
        <Button small busy={end.isPending} onPress={() => end.mutate(null)}>
          {say("account.sessions.end-all")}
        </Button>
      </div>
      {end.error && <WriteProblem isOnce={false} problem={problemOf(end.error)} />}
      <QueryView
        query={sessions}
        lines={3}
        isEmpty={(rows) => rows.length === 0}
        empty={<Empty title={say("account.sessions.empty")} />}
      >
        {(rows) => (
          <Table
            label={say("account.sessions")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                key: "method",
                title: say("account.sessions.method"),
                cell: (row) => (
                  <span className="row">
                    <span className="account-method">{methodWords(say, row.method)}</span>
                    {row.is_this && <Tag tone="good">{say("account.sessions.this")}</Tag>}
                  </span>
                ),
              },
              {
                key: "started",
                title: say("account.sessions.started", { zone }),
                cell: (row) => <Time at={row.started_at} relative={false} zone={false} />,
              },
              {
                key: "ends",
                title: say("account.sessions.ends"),
                cell: (row) => (
                  <>
                    <Time at={row.expires_at} relative={false} zone={false} /> {say("account.sessions.idle")}
                    <span className="under">
                      <Time at={row.ends_at} relative={false} zone={false} /> {say("account.sessions.latest")}
                    </span>
                  </>
                ),
              },
              {
                key: "end",
                title: say("account.act"),
                align: "end",
                cell: (row) =>
                  row.is_this ? null : (
                    <Button small onPress={() => end.mutate(row.id)}>
                      {say("account.sessions.end")}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </QueryView>
    </section>
  );
}
