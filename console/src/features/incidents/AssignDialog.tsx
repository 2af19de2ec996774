/** Whom incidents are given to: a person of the role they are held for, or the role again. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, given } from "../../api/client";
import { isSignedOut } from "../../api/queries";
import { useWrite } from "../../api/writing";
import {
  Button,
  Dialog,
  type Problem,
  ProblemWords,
  problemOf,
  QueryView,
  RadioField,
  SearchField,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import { KeyText } from "../instances/Shown";
import type { Incident } from "./queries";

interface Refused {
  readonly incident: Incident;
  readonly problem: Problem;
}

type Whom = "person" | "role";

/** The dialog. Each is assigned by itself; what was refused stays, with why, and the others are done. */
export default function AssignDialog(props: { incidents: readonly Incident[]; onClose: () => void }) {
  const say = useWords();
  const queries = useQueryClient();
  const { incidents } = props;
  const [whom, setWhom] = useState<Whom>("person");
  const [to, setTo] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const [sent, setSent] = useState<number | null>(null);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  // Those that are assigned are not assigned again with the others.
  const left = refused.length > 0 ? refused.map(({ incident }) => incident) : incidents;
  const [one] = incidents;
  const role = one?.role ?? "";
  const isOneRole = incidents.every((each) => each.role === role && each.domain === one?.domain);
  const found = useQuery({
    queryKey: ["incidents", "candidates", one?.id],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/incidents/{id}/candidates", { params: { path: { id: one?.id ?? "" } }, signal })),
    enabled: isOneRole && one !== undefined,
  });
  const isWhole = isOneRole && (whom === "role" || to !== null);
  const write = useWrite({
    send: async (): Promise<readonly Refused[]> => {
      const failed: Refused[] = [];
      for (const [place, incident] of left.entries()) {
        setSent(place);
        const error = await assigned(incident.id, whom === "role" ? "" : (to ?? ""));
        if (error !== null && (left.length === 1 || isSignedOut(error))) throw error;
        if (error !== null) failed.push({ incident, problem: problemOf(error) });
      }
      return failed;
    },
    onSettled: async (failed) => {
      setSent(null);
      await queries.invalidateQueries({ queryKey: ["incidents"] });
      if (failed === undefined) return;
      if (failed.length === 0) props.onClose();
      else setRefused(failed);
    },
  });
  const send = () => {
    setTried(true);
    if (isWhole) write.mutate();
  };
  return (
    <Dialog
      title={say("incidents.assign.title", { count: incidents.length })}
      isOpen
      onClose={props.onClose}
      busy={sent !== null}
      actions={
        <>
          <Button onPress={props.onClose} disabled={sent !== null}>
            {say("incidents.resolve.not")}
          </Button>
          <Button kind="primary" busy={sent !== null} disabled={!isOneRole} onPress={send}>
            {say("incidents.assign.do")}
          </Button>
        </>
      }
    >
      {!isOneRole && <p role="alert">{say("incidents.assign.roles")}</p>}
      {isOneRole && (
        <>
          <p>{say("incidents.assign.means")}</p>
          <RadioField
            label={say("incidents.assign.to")}
            value={whom}
            onChange={(chosen) => setWhom(chosen === "role" ? "role" : "person")}
            options={[
              {
                id: "person",
                label: say("incidents.assign.one"),
                detail: say("incidents.assign.one.detail", { role }),
              },
              {
                id: "role",
                label: say("incidents.assign.to-role", { role }),
                detail: say("incidents.assign.to-role.detail"),
              },
            ]}
          />
          {whom === "person" && (
            <QueryView query={found} lines={2}>
              {(data) => (
                <SearchField
                  label={say("people.to")}
                  value={to}
                  onChange={setTo}
                  required
                  error={isTried && to === null ? say("incidents.assign.missing") : undefined}
                  options={data.items.map((each) => ({
                    id: each.ref,
                    label: each.name ?? each.ref,
                    detail: each.ref,
                  }))}
                />
              )}
            </QueryView>
          )}
        </>
      )}
      {sent !== null && (
        <p role="status" className="muted">
          {say("incidents.sending", { sent: sent + 1, count: left.length })}
        </p>
      )}
      {write.error && <WriteProblem problem={problemOf(write.error)} />}
      {sent === null && refused.length > 0 && write.error === null && <RefusedList refused={refused} />}
    </Dialog>
  );
}

/** Those that were not assigned, each with the server's reason. */
function RefusedList({ refused }: { refused: readonly Refused[] }) {
  const say = useWords();
  return (
    <div role="alert" className="stack tight">
      <p>{say("incidents.assign.failed", { count: refused.length })}</p>
      <ul className="batch">
        {refused.map(({ incident, problem }) => (
          <li key={incident.id} className="row">
            <KeyText value={incident.business_key} />
            <ProblemWords problem={problem} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Sends one; null when it was done, else what was thrown. */
async function assigned(id: string, to: string): Promise<unknown> {
  try {
    await given(
      client.POST("/v1/incidents/{id}/assignment", {
        params: { path: { id } },
        body: { to },
      }),
    );
    return null;
  } catch (error) {
    return error;
  }
}
