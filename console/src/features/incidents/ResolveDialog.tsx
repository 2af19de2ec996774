/** What to do about incidents: the ways that are open for all of them, a reason, and for a correction its data. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, given } from "../../api/client";
import { isReason } from "../../api/reason";
import { useTyped } from "../../api/typed";
import { useWrite } from "../../api/writing";
import {
  AreaField,
  Button,
  Dialog,
  problemOf,
  RadioField,
  SelectField,
  Tag,
  WriteProblem,
} from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import { startBulk } from "../instances/bulk";
import { instanceQuery } from "../instances/queries";
import { ReasonField } from "../instances/ReasonField";
import { labelOf, Shown } from "../instances/Shown";
import { type Acts, actsQuery, PROPOSALS } from "../instances/steering";
import { type Answer, actOf, type Batch, fieldsQuery, type How, type Incident, typedValue } from "./queries";

const WAYS: readonly How[] = ["retry", "correct", "skip", "other"];
const FOR_ONE: ReadonlySet<How> = new Set(["correct", "other"]);
const FAULTS: Readonly<Record<"empty" | "json", MessageKey>> = {
  empty: "incidents.correct.empty",
  json: "incidents.correct.json",
};

interface Correction {
  readonly field: string | null;
  readonly typed: string;
}

/** The dialog. Several are one command, which the service carries out on each by itself; one is answered at once. */
export default function ResolveDialog(props: {
  incidents: readonly Incident[];
  onClose: () => void;
  onDone: (batch: Batch) => void;
}) {
  const say = useWords();
  const queries = useQueryClient();
  const { incidents } = props;
  const [how, setHow] = useState<How>("retry");
  const [reason, setReason] = useTyped(`resolve ${incidents.map(({ id }) => id).join(" ")}`);
  const [correction, setCorrection] = useState<Correction>({ field: null, typed: "" });
  const [to, setTo] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const [one] = incidents;
  const acts = useQuery({ ...actsQuery(one?.instance ?? ""), enabled: one !== undefined });
  const act = acts.data?.acts.find((each) => each.act === actOf(how));
  const second = act?.second ?? "";
  const fields = useQuery({
    ...fieldsQuery(one?.blueprint ?? "", one?.version ?? 0),
    enabled: how === "correct" && one !== undefined,
  });
  const type = fields.data?.find((field) => field.name === correction.field)?.type ?? "string";
  const value = how === "correct" ? typedValue(correction.typed, type) : { value: null };
  const isWhole =
    (how === "retry" || reason.trim() !== "") &&
    isReason(reason) &&
    !("fault" in value) &&
    (how !== "correct" || correction.field !== null) &&
    (how !== "other" || to !== null);
  const write = useWrite({
    send: (said: Said) => asked(incidents, said),
    onSuccess: async (batch) => {
      setReason("");
      const instances = new Set(incidents.map((incident) => incident.instance));
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["incidents"] }),
        queries.invalidateQueries({ queryKey: PROPOSALS }),
        ...[...instances].map((id) => queries.invalidateQueries({ queryKey: ["instance", id] })),
      ]);
      props.onDone(batch);
    },
  });
  const isSending = write.isPending;
  const send = () => {
    setTried(true);
    if (!isWhole || "fault" in value) return;
    const data = how === "correct" && correction.field !== null ? { [correction.field]: value.value } : {};
    write.mutate({ how, data, reason: reason.trim(), to: how === "other" ? (to ?? "") : "" });
  };
  const options = WAYS.map((way) => {
    const lacking = incidents.filter((incident) => !incident.ways.includes(way)).length;
    const needed = acts.data?.acts.find((each) => each.act === actOf(way));
    const isBarred = needed !== undefined && needed.barred !== null;
    const means = isBarred
      ? say("incidents.how.barred", { act: needed.act })
      : say(`incidents.how.${way}.means`);
    return {
      id: way,
      label: say(`incidents.how.${way}`),
      detail: lacking > 0 ? say("incidents.how.lacking", { count: lacking }) : means,
      disabled: lacking > 0 || isBarred || (FOR_ONE.has(way) && incidents.length > 1),
    };
  });
  return (
    <Dialog
      title={say("incidents.resolve.title", { count: incidents.length })}
      isOpen
      wide
      onClose={props.onClose}
      busy={isSending}
      actions={
        <>
          <Button onPress={props.onClose} disabled={isSending}>
            {say("incidents.resolve.not")}
          </Button>
          <Button kind={how === "skip" ? "danger" : "primary"} busy={isSending} onPress={send}>
            {say(second === "" ? `incidents.how.${how}` : "steering.propose")}
          </Button>
        </>
      }
    >
      {one && incidents.length === 1 && <Waiting incident={one} acts={acts.data} />}
      <RadioField
        label={say("incidents.how")}
        value={how}
        options={options}
        onChange={(way) => way !== null && setHow(way as How)}
      />
      {second !== "" && <p className="muted">{say("steering.second.means", { role: second })}</p>}
      {how === "correct" && one && (
        <CorrectionFields
          incident={one}
          names={(fields.data ?? []).map((field) => field.name)}
          type={type}
          correction={correction}
          fault={isTried && "fault" in value ? say(FAULTS[value.fault]) : undefined}
          onChange={setCorrection}
        />
      )}
      {how === "other" && one && (
        <OtherStep
          incident={one}
          to={to}
          fault={isTried && to === null ? say("incidents.other.missing") : undefined}
          onChange={setTo}
        />
      )}
      <ReasonField
        hint={say(how === "retry" ? "incidents.reason.free" : "incidents.reason.needed")}
        value={reason}
        onChange={setReason}
        required={how !== "retry"}
        error={
          isTried && how !== "retry" && reason.trim() === "" ? say("incidents.reason.missing") : undefined
        }
      />
      {write.error && <WriteProblem problem={problemOf(write.error)} />}
    </Dialog>
  );
}

/** That somebody has proposed how to resolve it, and that this waits for a second person. */
function Waiting({ incident, acts }: { incident: Incident; acts: Acts | undefined }) {
  const say = useWords();
  const open = acts?.proposals.filter((one) => one.state === "proposed" && one.expires_at > acts.as_of) ?? [];
  const count = open.filter((one) => one.resolution?.incident === incident.id).length;
  if (count === 0) return null;
  return (
    <p className="row" role="status">
      <Tag tone="soon" icon="person">
        {say("incidents.proposed", { count })}
      </Tag>
      <Link to={`/instances/${incident.instance}`}>{say("incidents.proposed.see")}</Link>
    </p>
  );
}

/** One field of the data, its value now, and the new one. */
function CorrectionFields(props: {
  incident: Incident;
  names: readonly string[];
  type: string;
  correction: Correction;
  fault: string | undefined;
  onChange: (correction: Correction) => void;
}) {
  const say = useWords();
  const { incident, correction, type } = props;
  const instance = useQuery(instanceQuery(incident.instance));
  return (
    <>
      <SelectField
        label={say("incidents.correct.field")}
        value={correction.field}
        options={props.names.map((name) => ({ id: name, label: labelOf(name) }))}
        disabled={props.names.length === 0}
        onChange={(field) => props.onChange({ ...correction, field })}
        required
      />
      {correction.field !== null && (
        <>
          <div className="stack tight">
            <span className="small muted">{say("incidents.correct.now")}</span>
            <Shown value={instance.data?.data[correction.field]} />
          </div>
          <AreaField
            label={say("incidents.correct.value")}
            hint={say("incidents.correct.type", { type })}
            value={correction.typed}
            onChange={(typed) => props.onChange({ ...correction, typed })}
            error={props.fault}
            rows={2}
            mono={type !== "string"}
            required
          />
        </>
      )}
    </>
  );
}

/** The step that begins in the place of the one that is held. */
function OtherStep(props: {
  incident: Incident;
  to: string | null;
  fault: string | undefined;
  onChange: (to: string | null) => void;
}) {
  const say = useWords();
  const acts = useQuery(actsQuery(props.incident.instance));
  const place = acts.data?.places.find((one) => one.activation === props.incident.activation);
  return (
    <SelectField
      label={say("incidents.other.to")}
      value={props.to}
      options={(place?.to ?? []).map((one) => ({ id: one.step, label: one.title }))}
      disabled={place === undefined}
      onChange={props.onChange}
      error={props.fault}
      required
    />
  );
}

interface Said {
  readonly how: How;
  readonly data: Record<string, unknown>;
  readonly reason: string;
  readonly to: string;
}

/** Asks for it: about one by its own command, about several by one command for all. */
async function asked(incidents: readonly Incident[], said: Said): Promise<Batch> {
  const { how } = said;
  const ids = incidents.map((incident) => incident.id);
  const [id] = ids;
  if (id !== undefined && (ids.length === 1 || how === "correct" || how === "other"))
    return { how, incidents, bulk: null, answers: new Map([[id, await resolved(id, said)]]) };
  const wanted = { act: "resolve", items: ids, how: how as "retry" | "skip", reason: said.reason } as const;
  const { bulk, receipt } = await startBulk(wanted);
  return { how, incidents, bulk: { id: bulk, index: receipt.index }, answers: new Map() };
}

/** Sends one; turned down it stays in the dialog, with what was typed. */
async function resolved(id: string, body: Said): Promise<Answer> {
  const params = { path: { id } };
  const { outcome } = await given(
    client.POST("/v1/incidents/{id}/resolution", { params, body: body as never }),
  );
  return outcome === "proposed" ? "proposed" : "accepted";
}
