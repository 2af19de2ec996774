/** Signatures, proofs, hashes, times and differences. */
import { useState } from "react";
import {
  Day,
  Due,
  Facts,
  FieldDiff,
  Hash,
  Money,
  ProofBadge,
  problemOf,
  SignBox,
  type SignProof,
  type SignState,
  Time,
  WordsDiff,
} from "../design";
import { Sample } from "./Sample";

const DIGEST = "9f2cA41bQx7dZ0aLm3kPzvYt8RwEuJ6oHn5sGqXi41ab";
const BEFORE = "Amounts above EUR 250,000 go to the credit committee.";
const AFTER = "Amounts above EUR 150,000 go to the credit committee and to the board.";
const MOMENT = "2026-11-22T17:30:00Z";

/** What people rely on. */
export function Trust() {
  const now = Date.now();
  return (
    <>
      <Sample title="Signature box">
        <Signatures />
      </Sample>
      <Sample title="Proofs, hashes, times, money">
        <div className="row">
          <ProofBadge state="proven" />
          <ProofBadge state="recorded" />
          <ProofBadge state="unchecked" />
          <ProofBadge state="failed" detail="entries rebuild the tree root" />
        </div>
        <div className="sample-grid">
          <Facts
            facts={[
              { name: "Decided", value: <Time at={MOMENT} /> },
              { name: "Evidence", value: <Time at={MOMENT} evidence /> },
              { name: "Content", value: <Hash value={DIGEST} label="content digest" /> },
              { name: "Amount", value: <Money value={{ amount: "84000.00", currency: "EUR" }} /> },
              { name: "In force from", value: <Day on="2027-01-01" /> },
            ]}
          />
          <Facts
            facts={[
              { name: "Late", value: <Due at={new Date(now - 4_860_000)} calendar="Lisbon" /> },
              { name: "Soon", value: <Due at={new Date(now + 4_790_000)} /> },
              { name: "Later", value: <Due at={new Date(now + 90_000_000)} calendar="Lisbon" /> },
            ]}
          />
        </div>
      </Sample>
      <Sample title="Differences">
        <WordsDiff before={BEFORE} after={AFTER} />
        <FieldDiff
          beforeTitle="v3"
          afterTitle="v4"
          changes={[
            { field: "Condition", before: BEFORE, after: AFTER },
            { field: "Time limit", before: "4 hours", after: "6 hours" },
            { field: "After that", before: null, after: "Head of Lending" },
          ]}
        />
      </Sample>
    </>
  );
}

/** The box in each of its phases. */
function Signatures() {
  const [state, setState] = useState<SignState>({ phase: "ready" });
  const common = {
    statement: "I approve change request 58 of Loan origination, from version 3 to version 4.",
    digest: DIGEST,
    meaning: "Approval",
    signer: {
      name: "Head of Lending 1",
      login: "head-of-lending-1",
      capacity: "Head of Lending, up to EUR 1,000,000",
    },
  };
  const sign = (proof: SignProof) =>
    setState(
      proof.method === "passkey"
        ? {
            phase: "done",
            receipt: { log: "bank.test/ledger", index: 88190, recordedAt: MOMENT, href: "#receipt" },
          }
        : { phase: "busy" },
    );
  const refused = problemOf({
    status: 422,
    reason: "SIGNATURE_WRONG",
    detail: "expected your own password, found another",
    reference: "7f3a-2210",
  });
  return (
    <div className="sample-grid">
      <SignBox
        {...common}
        consequence="Approving releases version 4. 71 running instances finish on version 3."
        methods={["passkey", "password"]}
        state={state}
        onSign={sign}
        action="Sign and approve"
      />
      <SignBox
        {...common}
        methods={["password"]}
        state={{ phase: "refused", problem: refused }}
        onSign={sign}
      />
      <SignBox {...common} methods={["passkey"]} state={{ phase: "busy" }} onSign={sign} />
      <SignBox
        {...common}
        methods={["passkey"]}
        state={{ phase: "ready" }}
        onSign={sign}
        incomplete="Choose a decision and give a reason first."
      />
      <SignBox
        {...common}
        methods={["passkey"]}
        state={{ phase: "ready" }}
        onSign={sign}
        blocked="You may not decide this: you proposed the change (separation of duties)."
      />
      <SignBox
        {...common}
        methods={["passkey"]}
        state={{
          phase: "done",
          receipt: { log: "bank.test/ledger", index: 88190, recordedAt: MOMENT, href: "#receipt" },
        }}
        onSign={sign}
      />
    </div>
  );
}
