/** Tabs: views of the same thing, one shown at a time. */
import type { ReactNode } from "react";
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from "react-aria-components";
import { Count } from "./Tag";
import "./tabs.css";

export interface TabOf {
  readonly id: string;
  readonly title: string;
  /** What waits or was found behind the tab, where that helps to choose. */
  readonly count?: string | number | undefined;
  readonly content: ReactNode;
}

export interface TabsProps {
  /** What the tabs are views of, for screen readers. */
  label: string;
  tabs: readonly TabOf[];
  /** The tab shown; give it and `onSelect` to keep it in the address. */
  selected?: string | undefined;
  onSelect?: ((id: string) => void) | undefined;
}

/** Tabs; arrow keys go between them, and they wrap where the page is narrow. */
export function Tabs({ label, tabs, selected, onSelect }: TabsProps) {
  return (
    <AriaTabs
      className="tabs"
      {...(selected === undefined ? {} : { selectedKey: selected })}
      {...(onSelect === undefined ? {} : { onSelectionChange: (key) => onSelect(String(key)) })}
    >
      <TabList className="tab-list" aria-label={label}>
        {tabs.map((tab) => (
          <Tab key={tab.id} id={tab.id} className="tab">
            {tab.title}
            {tab.count !== undefined && <Count>{tab.count}</Count>}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className="tab-panel">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
