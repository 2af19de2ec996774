/** One act that somebody proposed: who wants what and why, until when, and what this person can do about it. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, given } from "../../api/client";
import { useWrite } from "../../api/writing";
import { Button, problemOf, ServerWords, Tag, Time, WriteProblem } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { ProposedValues } from "./ProposedValues";
import { KeyText, Shown } from "./Shown";
import { PROPOSALS, type Proposal } from "./steering";

interface ProposalPaneProps {
  readonly proposal: Proposal;
  /** Among others, and not on the page of its instance: then it says which one it is for. */
  readonly isListed?: boolean;
}

/** The pane; it is gone once the proposal is confirmed, rejected or withdrawn. */
export default function ProposalPane({ proposal, isListed = false }: ProposalPaneProps) {
  const say = useWords();
  const { locale } = useFormats();
  const queries = useQueryClient();
  const { id, instance } = proposal;
  const again = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["instance", instance] }),
      queries.invalidateQueries({ queryKey: PROPOSALS }),
      queries.invalidateQueries({ queryKey: ["incidents"] }),
    ]);
  const params = { path: { id: instance, proposal: id } };
  const confirm = useWrite({
    send: () =>
      given(
        client.POST("/v1/process-instances/{id}/proposals/{proposal}/confirmation", {
          params,
          body: { digest: proposal.digest },
        }),
      ),
    onSuccess: again,
  });
  const reject = useWrite({
    send: () =>
      given(
        client.POST("/v1/process-instances/{id}/proposals/{proposal}/rejection", {
          params,
          body: { reason: "" },
        }),
      ),
    onSuccess: again,
  });
  const error = confirm.error ?? reject.error;
  const isBusy = confirm.isPending || reject.isPending;
  const mayEnd = proposal.is_own || proposal.barred === null;
  const title = say(`steering.proposed.${proposal.act}`);
  const roles = new Intl.ListFormat(locale, { type: "conjunction" }).format(proposal.roles);
  return (
    <section className="pane stack" aria-label={title}>
      <div className="stack tight">
        <h2>{title}</h2>
        {isListed && (
          <p className="row tight-row">
            <Link to={`/instances/${instance}`}>
              <KeyText value={proposal.business_key} />
            </Link>
            <span className="muted">
              {say("instances.on-version", { title: proposal.blueprint_title, version: proposal.version })}
            </span>
          </p>
        )}
        <p className="muted row tight-row">
          <span>
            {say("steering.proposed.by", { who: proposal.by, roles, count: proposal.roles.length })}
          </span>
          <span aria-hidden="true">·</span>
          <span className="row tight-row">
            {say("steering.proposed.until")} <Time at={proposal.expires_at} />
          </span>
        </p>
      </div>
      {proposal.reason !== null && (
        <blockquote>
          <Shown value={proposal.reason} />
        </blockquote>
      )}
      <ProposedValues proposal={proposal} />
      {proposal.is_own && <p className="muted">{say("steering.own")}</p>}
      {proposal.barred !== null && !proposal.is_own && (
        <p className="row tight-row">
          <Tag icon="lock">{say("steering.barred")}</Tag>
          <ServerWords text={proposal.barred.detail} wording={proposal.barred.wording} />
        </p>
      )}
      {error && <WriteProblem problem={problemOf(error)} />}
      {mayEnd && (
        <div className="row no-print">
          {proposal.barred === null && (
            <Button
              kind="primary"
              busy={confirm.isPending}
              disabled={isBusy}
              onPress={() => confirm.mutate()}
            >
              {say("steering.confirm")}
            </Button>
          )}
          <Button busy={reject.isPending} disabled={isBusy} onPress={() => reject.mutate()}>
            {say(proposal.is_own ? "steering.withdraw" : "steering.reject")}
          </Button>
        </div>
      )}
    </section>
  );
}
