/** What opens over the page, and the choices of the header. */
import { useState } from "react";
import {
  Button,
  Definition,
  Dialog,
  LanguageChoice,
  Menu,
  SchemeChoice,
  Tooltip,
  ZoneChoice,
} from "../design";
import { Sample } from "./Sample";

/** Dialog, menu, tooltip, and language, zone and appearance. */
export function Overlays() {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Sample title="Dialog, menu, tooltip">
        <div className="row">
          <Button onPress={() => setOpen(true)}>Open the dialog</Button>
          <Menu
            label="More"
            items={[
              { id: "print", label: "Print the certificate", icon: "proven" },
              { id: "delegate", label: "Delegate", icon: "person", detail: "Until 27 Nov, with a reason" },
              { id: "claim", label: "Claim", disabled: true, detail: "Credit Officer 1 has it" },
              { id: "cancel", label: "Cancel the instance", icon: "stop", risky: true },
            ]}
          />
          <Tooltip text="Instances whose deadline passed in the last 30 days">
            <Button small>SLA breaches 9</Button>
          </Tooltip>
          <Definition label="What a breach is" text="A step that was left after its time limit." />
        </div>
        <Dialog
          title="Cancel this instance?"
          isOpen={isOpen}
          onClose={close}
          actions={
            <>
              <Button onPress={close}>Keep it</Button>
              <Button kind="danger" onPress={close}>
                Cancel the instance
              </Button>
            </>
          }
        >
          <p>Work under way is stopped, and the reason is kept in the ledger with your name.</p>
        </Dialog>
      </Sample>
      <Sample title="Choices">
        <div className="sample-grid">
          <LanguageChoice />
          <ZoneChoice />
          <SchemeChoice />
        </div>
      </Sample>
    </>
  );
}
