/** The field for a day, by itself: its calendar is large, and few forms ask for days. */
export { DateField as default } from "../../design";
