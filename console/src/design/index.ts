/** The design system. Screens import from here; README.md says when to use what. */
import "./fonts.css";
import "./tokens.css";
import "./base.css";

export * from "./components/Button";
export { CheckboxField, RadioField } from "./components/ChoiceField";
export { DateField } from "./components/DateField";
export { AreaField, TextField } from "./components/Field";
export { Icon, type IconName } from "./components/Icon";
export { MoneyField, NumberField } from "./components/NumberField";
export { QueryView } from "./components/QueryView";
export { type Option, SearchField, SelectField } from "./components/SelectField";
export * from "./components/states";
export { type ColumnOf, type Sorting, Table } from "./components/Table";
export { Count, Tag, type Tone } from "./components/Tag";
export { type Problem, problemOf } from "./problem";
