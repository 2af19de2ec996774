/** What an act on an instance asks for: where it is moved, which value is other, which version it goes on under, and why. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isReason } from "../../api/reason";
import { useTyped } from "../../api/typed";
import { useWrite } from "../../api/writing";
import { AreaField, Button, Dialog, problemOf, SelectField, WriteProblem } from "../../design";
import { useWords } from "../../i18n";
import { fieldsQuery, typedValue } from "../incidents/queries";
import { MigrateFields } from "./MigrateFields";
import { migrationQuery, movesOf, NOTHING_CHOSEN } from "./migrating";
import { type Instance, instanceQuery } from "./queries";
import { ReasonField } from "./ReasonField";
import { labelOf, Shown } from "./Shown";
import { type ActOf, type Asked, type Place, sent } from "./steering";

interface Picked {
  readonly activation: string | null;
  readonly to: string | null;
}

/** The dialog; what a second person has to confirm is only proposed by it, and says so. */
export default function ActDialog(props: {
  instance: Instance;
  asked: Asked;
  act: ActOf;
  places: readonly Place[];
  onClose: () => void;
}) {
  const say = useWords();
  const queries = useQueryClient();
  const { asked, act, places } = props;
  // What stands in a field is told as it is now, also when somebody changes it meanwhile.
  const instance = useQuery(instanceQuery(props.instance.id)).data ?? props.instance;
  const [reason, setReason] = useTyped(`${asked} ${instance.id}`);
  const only = places.length === 1 ? String(places[0]?.activation) : null;
  const [move, setMove] = useState<Picked>({ activation: only, to: null });
  const [field, setField] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const fields = useQuery({
    ...fieldsQuery(instance.blueprint, instance.number),
    enabled: asked === "correct",
  });
  const type = fields.data?.find((one) => one.name === field)?.type ?? "string";
  const value = typedValue(typed, type);
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const migration = useQuery(migrationQuery(instance.id, chosen.number)).data;
  const moves =
    migration === undefined || migration.barred !== null ? null : movesOf(migration.places, chosen);
  const send = useWrite({
    send: () =>
      sent(instance.id, {
        act: asked,
        reason: reason.trim(),
        move:
          asked === "modify" && move.activation !== null && move.to !== null
            ? { activation: Number(move.activation), to: move.to }
            : null,
        values: asked === "correct" && field !== null && "value" in value ? { [field]: value.value } : null,
        migration: migration !== undefined && moves !== null ? { number: migration.number, moves } : null,
      }),
    onSuccess: async () => {
      setReason("");
      await queries.invalidateQueries({ queryKey: ["instance", instance.id] });
      props.onClose();
    },
  });
  const isWhole =
    (!act.needs_reason || reason.trim() !== "") &&
    isReason(reason) &&
    (asked !== "modify" || (move.activation !== null && move.to !== null)) &&
    (asked !== "migrate" || moves !== null) &&
    (asked !== "correct" || (field !== null && "value" in value));
  const words = say(act.second === "" ? `steering.act.${asked}` : "steering.propose");
  return (
    <Dialog
      title={say(`steering.act.${asked}`)}
      isOpen
      wide={asked === "correct" || asked === "modify" || asked === "migrate"}
      onClose={props.onClose}
      busy={send.isPending}
      actions={
        <>
          <Button onPress={props.onClose} disabled={send.isPending}>
            {say("steering.not")}
          </Button>
          <Button kind="primary" busy={send.isPending} disabled={!isWhole} onPress={() => send.mutate()}>
            {words}
          </Button>
        </>
      }
    >
      <p>{say(`steering.means.${asked}`)}</p>
      {act.second !== "" && <p className="muted">{say("steering.second.means", { role: act.second })}</p>}
      {asked === "modify" && <MoveFields places={places} move={move} onChange={setMove} />}
      {asked === "migrate" && <MigrateFields instance={instance} chosen={chosen} onChange={setChosen} />}
      {asked === "correct" && (
        <>
          <SelectField
            label={say("incidents.correct.field")}
            value={field}
            options={(fields.data ?? []).map(({ name }) => ({ id: name, label: labelOf(name) }))}
            disabled={fields.data === undefined}
            onChange={setField}
            required
          />
          {field !== null && (
            <>
              <div className="stack tight">
                <span className="small muted">{say("incidents.correct.now")}</span>
                <Shown value={instance.data[field]} />
              </div>
              <AreaField
                label={say("incidents.correct.value")}
                hint={say("incidents.correct.type", { type })}
                value={typed}
                onChange={setTyped}
                error={typed !== "" && "fault" in value ? say("incidents.correct.json") : undefined}
                rows={2}
                mono={type !== "string"}
                required
              />
            </>
          )}
        </>
      )}
      <ReasonField value={reason} onChange={setReason} required={act.needs_reason} />
      {send.error && <WriteProblem problem={problemOf(send.error)} />}
    </Dialog>
  );
}

/** Which step ends, where there are several, and which is entered in its place. */
function MoveFields(props: { places: readonly Place[]; move: Picked; onChange: (move: Picked) => void }) {
  const say = useWords();
  const { places, move } = props;
  const place = places.find((one) => String(one.activation) === move.activation);
  return (
    <>
      <SelectField
        label={say("steering.move.from")}
        value={move.activation}
        options={places.map((one) => ({ id: String(one.activation), label: one.title }))}
        onChange={(activation) => props.onChange({ activation, to: null })}
        required
      />
      {place && (
        <SelectField
          label={say("steering.move.to")}
          value={move.to}
          options={place.to.map((one) => ({ id: one.step, label: one.title }))}
          onChange={(to) => props.onChange({ ...move, to })}
          required
        />
      )}
    </>
  );
}
