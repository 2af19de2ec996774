/** Passkeys: which there are, and adding, renaming and removing one. */
import { lazy, Suspense, useState } from "react";
import { hasPasskeys } from "../../api/webauthn";
import { Button, Empty, Placeholder, QueryView, Table, Tag, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { type Passkey, useFreshness, usePasskeys } from "./own";
import type { Act } from "./PasskeyDialog";
import { SignInFirst } from "./SignInFirst";

/** Its dialogs are loaded when one is wanted. */
const PasskeyDialog = lazy(() => import("./PasskeyDialog"));

/** The section. What cannot be done here is said in place of the button for it. */
export function Passkeys() {
  const say = useWords();
  const passkeys = usePasskeys();
  const { isFresh, method } = useFreshness();
  const [act, setAct] = useState<Act | null>(null);
  const isPossible = hasPasskeys() && (passkeys.data?.is_possible ?? true);
  const isProven = method === "passkey" || method.startsWith("password");
  const canAdd = isPossible && isFresh && isProven;
  const add = canAdd && (
    <Button small icon="add" onPress={() => setAct({ name: "add" })}>
      {say("account.passkey.add")}
    </Button>
  );
  const close = () => setAct(null);
  return (
    <section className="stack tight" aria-labelledby="passkeys">
      <div className="row apart">
        <h2 id="passkeys">{say("account.passkeys")}</h2>
        {add}
      </div>
      <p className="muted">{say("account.passkeys.lead")}</p>
      {!isPossible && <p className="muted">{say("account.passkeys.nowhere")}</p>}
      {isPossible && !canAdd && (
        <SignInFirst>{say(isProven ? "account.passkeys.stale" : "account.passkeys.unproven")}</SignInFirst>
      )}
      <QueryView
        query={passkeys}
        lines={2}
        isEmpty={({ items }) => items.length === 0}
        empty={
          isPossible && <Empty title={say("account.passkeys.none")}>{say("account.passkeys.next")}</Empty>
        }
      >
        {({ items }) => <List passkeys={items} onAct={setAct} />}
      </QueryView>
      {act && (
        <Suspense fallback={<Placeholder />}>
          <PasskeyDialog act={act} count={passkeys.data?.items.length ?? 1} onClose={close} />
        </Suspense>
      )}
    </section>
  );
}

function List({ passkeys, onAct }: { passkeys: readonly Passkey[]; onAct: (act: Act) => void }) {
  const say = useWords();
  const zone = useFormats().zoneName(new Date());
  return (
    <Table
      label={say("account.passkeys")}
      rows={passkeys}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "name",
          title: say("account.passkey.name"),
          cell: (row) => (
            <span className="row">
              <span className="account-name-cell">{row.name ?? say("account.passkey.erased")}</span>
              {row.is_backed_up && <Tag>{say("account.passkey.synced")}</Tag>}
            </span>
          ),
        },
        {
          key: "enrolled",
          title: say("account.passkey.enrolled", { zone }),
          cell: (row) => <Time at={row.enrolled_at} relative={false} zone={false} />,
        },
        {
          key: "used",
          title: say("account.passkey.used"),
          cell: (row) =>
            row.used_at === null ? (
              <span className="muted">{say("account.passkey.unused")}</span>
            ) : (
              <Time at={row.used_at} relative={false} zone={false} />
            ),
        },
        {
          key: "act",
          title: say("account.act"),
          align: "end",
          cell: (row) => (
            <span className="account-acts">
              <Button small onPress={() => onAct({ name: "rename", passkey: row })}>
                {say("account.passkey.rename")}
              </Button>
              <Button small onPress={() => onAct({ name: "remove", passkey: row })}>
                {say("account.passkey.remove")}
              </Button>
            </span>
          ),
        },
      ]}
    />
  );
}
