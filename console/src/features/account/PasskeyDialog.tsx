/** What is done to a passkey, each in its dialog. */
import { AddPasskey, RenamePasskey } from "./NamePasskey";
import type { Passkey } from "./own";
import { RemovePasskey } from "./RemovePasskey";

export type Act =
  | { readonly name: "add" }
  | { readonly name: "rename" | "remove"; readonly passkey: Passkey };

export interface PasskeyDialogProps {
  act: Act;
  /** How many passkeys there are. */
  count: number;
  onClose: () => void;
}

/** The dialog of an act. */
export default function PasskeyDialog({ act, count, onClose }: PasskeyDialogProps) {
  if (act.name === "add") return <AddPasskey onClose={onClose} />;
  if (act.name === "rename") return <RenamePasskey passkey={act.passkey} onClose={onClose} />;
  return <RemovePasskey passkey={act.passkey} count={count} onClose={onClose} />;
}
