/** The second factor: an authenticator app, and recovery codes for the day it is lost. */

import { lazy, Suspense, useState } from "react";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useWrite } from "../../api/writing";
import { Button, Loading, QueryView, Tag } from "../../design";
import { useFocusBack } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";
import type { FactorAct } from "./FactorCode";
import { useFactor, useFreshness, useRefreshed } from "./own";
import { SignInFirst } from "./SignInFirst";

/** Its forms are loaded when one is wanted. */
const EnrolApp = lazy(() => import("./EnrolApp"));
const FactorCode = lazy(() => import("./FactorCode"));
const RecoveryCodes = lazy(() => import("./RecoveryCodes"));

type Offer = components["schemas"]["OfferAnswer"];
const FEW = 3; // codes left from which more are advised

/** The section. Secrets and codes live here alone, and only until they are said to be kept. */
export function SecondFactor() {
  const say = useWords();
  const factor = useFactor();
  const refresh = useRefreshed();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [act, setAct] = useState<FactorAct | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const told = async (fresh: readonly string[] | null) => {
    setOffer(null);
    setAct(null);
    setCodes(fresh);
    await refresh();
  };
  const isIdle = offer === null && act === null && codes === null;
  const section = useFocusBack<HTMLElement>(!isIdle);
  return (
    <section ref={section} className="stack tight" aria-labelledby="factor">
      <h2 id="factor">{say("account.factor")}</h2>
      <p className="muted">{say("account.factor.lead")}</p>
      <QueryView query={factor} lines={2}>
        {({ totp, codes_left }) => (
          <>
            {totp === "confirmed" && isIdle && (
              <div className="row apart">
                <p className="row">
                  <Tag tone="good" icon="check">
                    {say("account.factor.on")}
                  </Tag>
                  <span className={codes_left <= FEW ? undefined : "muted"}>
                    {say("account.codes.left", { count: codes_left })}
                  </span>
                </p>
                <span className="row">
                  <Button small onPress={() => setAct("codes")}>
                    {say("account.codes.new")}
                  </Button>
                  <Button small onPress={() => setAct("removal")}>
                    {say("account.factor.remove")}
                  </Button>
                </span>
              </div>
            )}
            {totp !== "confirmed" && isIdle && <SetUp onOffer={setOffer} />}
          </>
        )}
      </QueryView>
      <Suspense fallback={<Loading lines={3} />}>
        {offer && <EnrolApp offer={offer} onConfirmed={told} onCancel={() => setOffer(null)} />}
        {act && <FactorCode act={act} onDone={told} onCancel={() => setAct(null)} />}
        {codes && <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />}
      </Suspense>
    </section>
  );
}

/** The button that has a secret made, or why there is none. */
function SetUp({ onOffer }: { onOffer: (offer: Offer) => void }) {
  const say = useWords();
  const { isFresh, method } = useFreshness();
  const asking = useWrite({
    send: () => given(client.POST("/v1/me/second-factor")),
    onSuccess: onOffer,
  });
  if (!isFresh || !method.startsWith("password"))
    return <SignInFirst>{say("account.factor.stale")}</SignInFirst>;
  return (
    <>
      <div className="row apart">
        <Tag>{say("account.factor.off")}</Tag>
        <Button small icon="add" busy={asking.isPending} onPress={() => asking.mutate()}>
          {say("account.factor.set-up")}
        </Button>
      </div>
      {asking.error && <AccountProblem error={asking.error} wrong={say("account.factor.stale")} />}
    </>
  );
}
