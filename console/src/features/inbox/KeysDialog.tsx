/** Which single keys there are, and the switch that turns them off. */
import { CheckboxField, Dialog } from "../../design";
import { type MessageKey, useWords } from "../../i18n";

const KEYS: readonly (readonly [key: string, words: MessageKey])[] = [
  ["J", "inbox.keys.next"],
  ["K", "inbox.keys.previous"],
  ["Enter", "inbox.keys.open"],
  ["E", "inbox.keys.claim"],
  ["?", "inbox.keys.help"],
];

export interface KeysDialogProps {
  onClose: () => void;
  isOn: boolean;
  onSwitch: (isOn: boolean) => void;
}

/** The dialog that `?` opens. */
export default function KeysDialog({ onClose, isOn, onSwitch }: KeysDialogProps) {
  const say = useWords();
  return (
    <Dialog title={say("inbox.keys")} isOpen onClose={onClose}>
      <ul className="keys">
        {KEYS.map(([key, words]) => (
          <li key={key}>
            <kbd>{key}</kbd> <span>{say(words)}</span>
          </li>
        ))}
      </ul>
      <CheckboxField label={say("inbox.keys.on")} value={isOn} onChange={onSwitch} />
    </Dialog>
  );
}
