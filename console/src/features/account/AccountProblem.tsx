/** What came of a change that was not made: in the server's words, and plainly where a proof was wrong. */
import { passkeyFailure } from "../../api/webauthn";
import { problemOf, WriteProblem } from "../../design";
import { useWords } from "../../i18n";

/** Under a form. `wrong` says what a wrong proof was: the server tells nobody which part of it. */
export function AccountProblem({ error, wrong }: { error: unknown; wrong: string }) {
  const say = useWords();
  const failure = passkeyFailure(error);
  if (failure !== null) {
    return (
      <p className="account-failed" role="alert">
        {say(`account.passkey.${failure}`)}
      </p>
    );
  }
  const problem = problemOf(error);
  if (problem.status === 401) {
    return (
      <p className="account-failed" role="alert">
        {wrong}
      </p>
    );
  }
  return <WriteProblem isOnce={false} problem={problem} />;
}
