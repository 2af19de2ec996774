/** What the console is built from, and under which licences: made from the lock when it was built. */
import { lazy, Suspense } from "react";
import { Loading } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";

/** The texts weigh more than the screen around them. */
const LicenceList = lazy(() => import("./LicenceList"));

/** The screen. */
export function Component() {
  const say = useWords();
  return (
    <Page title={say("licences.title")} lead={say("licences.lead")}>
      <Suspense fallback={<Loading />}>
        <LicenceList />
      </Suspense>
    </Page>
  );
}
