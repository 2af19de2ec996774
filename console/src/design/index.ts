/** The design system. Screens import from here; README.md says when to use what. */
import "./fonts.css";
import "./tokens.css";
import "./base.css";

export { Asking, useAsking } from "./asking";
export * from "./components/Button";
export { CheckboxField, RadioField } from "./components/ChoiceField";
export { LanguageChoice, SchemeChoice, ZoneChoice } from "./components/Choices";
export { DateField } from "./components/DateField";
export { Dialog } from "./components/Dialog";
export { type FieldChange, FieldDiff, WordsDiff } from "./components/Diff";
export { type Fact, Facts } from "./components/Facts";
export { AreaField, lengthOf, TextField } from "./components/Field";
export { Hash } from "./components/Hash";
export { Icon, type IconName } from "./components/Icon";
export { Menu, type MenuItemOf } from "./components/Menu";
export { Money } from "./components/Money";
export { MoneyField, NumberField } from "./components/NumberField";
export { More, type NextPage, PagedView } from "./components/PagedView";
export { ProofBadge, type ProofState } from "./components/ProofBadge";
export { type QueryLike, QueryView } from "./components/QueryView";
export { type Option, SearchField, SelectField } from "./components/SelectField";
export {
  SignBox,
  type SignMethod,
  type SignProof,
  type SignReceipt,
  type SignState,
} from "./components/SignBox";
export {
  Empty,
  ErrorState,
  FilteredEmpty,
  Forbidden,
  Loading,
  Offline,
  Placeholder,
  ProblemState,
  ReasonLine,
  ServerWords,
  type ServerWordsProps,
  Stale,
} from "./components/states";
export { type ColumnOf, type Sorting, Table } from "./components/Table";
export { type TabOf, Tabs } from "./components/Tabs";
export { Count, Tag, type Tone } from "./components/Tag";
export { Day, Due, Time } from "./components/Time";
export { Definition, Tooltip } from "./components/Tooltip";
export { ProblemWords, WriteProblem } from "./components/WriteProblem";
export { type Going, GoingContext } from "./going";
export { useNow } from "./now";
export { type Problem, problemOf } from "./problem";
export { type ReasonWords, useReasonWords } from "./reason_words";
export { shortened } from "./shortened";
export { type Told, useTold } from "./told";
export { seen, visible } from "./visible";
