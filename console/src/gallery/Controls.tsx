/** Buttons, tags and fields. */
import { useState } from "react";
import {
  AreaField,
  Button,
  ButtonLink,
  CheckboxField,
  Count,
  DateField,
  MoneyField,
  NumberField,
  RadioField,
  SearchField,
  SelectField,
  Tag,
  TextField,
} from "../design";
import { Sample } from "./Sample";

const ROLES = [
  { id: "l1", label: "Lending officer L1", detail: "Up to EUR 50,000" },
  { id: "l2", label: "Lending officer L2", detail: "Up to EUR 150,000" },
  { id: "head", label: "Head of Lending", disabled: true },
];
const DECISIONS = [
  { id: "approve", label: "Approve", detail: "Books the loan and closes the case" },
  { id: "decline", label: "Decline" },
  { id: "back", label: "Send back for information", disabled: true },
];

/** Every control in every state. */
export function Controls() {
  return (
    <>
      <Sample title="Buttons">
        <div className="row">
          <Button kind="primary">Sign and complete</Button>
          <Button>Save draft</Button>
          <Button kind="danger" icon="stop">
            Cancel instance
          </Button>
          <Button kind="plain" icon="add">
            Add a step
          </Button>
          <Button kind="primary" busy>
            Signing
          </Button>
          <Button disabled>Not now</Button>
          <Button icon="copy" iconOnly>
            Copy
          </Button>
          <Button small icon="refresh">
            Refresh
          </Button>
          <Button small iconOnly kind="plain" icon="menu">
            More
          </Button>
          <ButtonLink href="#records" icon="arrow">
            Open instance
          </ButtonLink>
        </div>
      </Sample>
      <Sample title="Tags">
        <div className="row">
          <Tag>Draft</Tag>
          <Tag tone="accent">In review</Tag>
          <Tag tone="good" icon="check">
            In force
          </Tag>
          <Tag tone="soon" icon="clock">
            Due in 1 h 19 min
          </Tag>
          <Tag tone="bad" icon="warning">
            Overdue 1 h 21 min
          </Tag>
          <span>
            Inbox <Count>3</Count> <Count tone="bad">12</Count>
          </span>
        </div>
      </Sample>
      <Fields />
    </>
  );
}

/** Fields, empty, filled, refused and closed. */
function Fields() {
  const [text, setText] = useState("Lending officer decision");
  const [number, setNumber] = useState<number | null>(4);
  const [money, setMoney] = useState({ amount: "84000.00", currency: "EUR" });
  const [day, setDay] = useState<string | null>("2026-11-22");
  const [role, setRole] = useState<string | null>("l2");
  const [zone, setZone] = useState<string | null>("Europe/Lisbon");
  const [isTicked, setTicked] = useState(true);
  const [decision, setDecision] = useState<string | null>("approve");
  return (
    <Sample title="Fields">
      <div className="sample-grid">
        <TextField label="Name" value={text} onChange={setText} required />
        <TextField
          label="Reference"
          hint="As on the application"
          value=""
          onChange={setText}
          error="Enter a reference."
        />
        <TextField label="Digest" mono value="sPzneETUZZc9" onChange={setText} readOnly />
        <TextField label="Closed" value="Not yours to change" onChange={setText} disabled />
        <AreaField
          label="Reason"
          hint="Kept in the ledger, at least 10 characters"
          value=""
          onChange={setText}
          required
        />
        <NumberField label="Time limit" unit="hours" min={1} max={72} value={number} onChange={setNumber} />
        <MoneyField label="Amount" value={money} onChange={setMoney} />
        <DateField label="Effective from" value={day} onChange={setDay} />
        <SelectField
          label="Who decides"
          hint="4 people hold this today"
          options={ROLES}
          value={role}
          onChange={setRole}
        />
        <SearchField
          label="Time zone"
          options={["Europe/Lisbon", "Europe/Berlin", "UTC"].map((id) => ({ id, label: id }))}
          value={zone}
          onChange={setZone}
        />
        <RadioField label="Decision" required options={DECISIONS} value={decision} onChange={setDecision} />
        <div className="stack tight">
          <CheckboxField
            label="Include access then"
            value={isTicked}
            onChange={setTicked}
            hint="Who could do what"
          />
          <CheckboxField
            label="I read the statement"
            value={false}
            onChange={setTicked}
            error="Tick this to go on."
          />
        </div>
      </div>
    </Sample>
  );
}
