/** One's own account: who one is here, and every place where one is signed in. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useMe } from "../../api/session";
import { Button, Empty, ProblemState, problemOf, QueryView, Table, Tag } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Page } from "../../shell/Page";

const SESSIONS = ["me", "sessions"];

interface Session {
  readonly id: string;
  readonly method: string;
  readonly started_at: number;
  readonly expires_at: number;
  readonly ends_at: number;
}

/** The screen. */
export function Component() {
  const say = useWords();
  const { person, session } = useMe();
  return (
    <Page
      title={say("account.title")}
      lead={say("account.lead", { ref: person?.ref ?? "", method: session?.method ?? "" })}
    >
      <Sessions />
    </Page>
  );
}

/** Sign-in sessions in force, each of which can be ended from here. */
function Sessions() {
  const say = useWords();
  const formats = useFormats();
  const queries = useQueryClient();
  const own = useMe().session?.id;
  const sessions = useQuery({
    queryKey: SESSIONS,
    queryFn: async ({ signal }) =>
      (await given(client.GET("/v1/me/sessions", { signal }))).items as unknown as Session[],
  });
  const end = useMutation({
    mutationFn: (id: string | null) => given(client.POST("/v1/me/sessions/end", { body: { session: id } })),
    onSettled: () => queries.invalidateQueries({ queryKey: SESSIONS }),
  });
  const moment = (at: number) => formats.dateTime(new Date(at / 1_000));
  return (
    <section className="stack" aria-labelledby="sessions">
      <div className="row apart">
        <h2 id="sessions">{say("account.sessions")}</h2>
        <Button kind="danger" busy={end.isPending} onPress={() => end.mutate(null)}>
          {say("account.sessions.end-all")}
        </Button>
      </div>
      {end.error && <ProblemState problem={problemOf(end.error)} />}
      <QueryView
        query={sessions}
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
                    {row.method}
                    {row.id === own && <Tag tone="good">{say("account.sessions.this")}</Tag>}
                  </span>
                ),
              },
              {
                key: "started",
                title: say("account.sessions.started"),
                cell: (row) => moment(row.started_at),
              },
              { key: "idle", title: say("account.sessions.idle"), cell: (row) => moment(row.expires_at) },
              { key: "ends", title: say("account.sessions.ends"), cell: (row) => moment(row.ends_at) },
              {
                key: "end",
                title: say("account.sessions.end"),
                cell: (row) =>
                  row.id === own ? null : (
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
