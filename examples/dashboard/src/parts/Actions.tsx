import { useRef, useState } from "react";
import { useMutation } from "urql";

import type { JobRowFragment } from "../gql/graphql";
import { Cancel, Play, Retry } from "../queries";
import { to } from "../route";

type Refusal = { message: string; code: string };

// Actions are what may be done with a job. GitLab has the last word: its refusal is shown as it says it.
export function Actions({ job }: { job: JobRowFragment }) {
  const [, cancel] = useMutation(Cancel);
  const [, retry] = useMutation(Retry);
  const [, play] = useMutation(Play);
  const [busy, setBusy] = useState(false);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [created, setCreated] = useState<JobRowFragment | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);

  async function act(run: () => Promise<{ job?: JobRowFragment | null; userErrors: Refusal[] } | null | undefined>) {
    setBusy(true);
    setRefusals([]);
    setCreated(null);
    try {
      const result = await run();
      setRefusals(result?.userErrors ?? [{ code: "UNKNOWN", message: "No answer came. Look at the job before trying again." }]);
      if (result?.job && result.job.id !== job.id) setCreated(result.job);
    } finally {
      setBusy(false);
    }
  }
  const cancelable = job.__typename === "Job" && job.cancelable;
  const canceling = job.status === "CANCELING";
  return (
    <div className="actions">
      {cancelable && (
        <button type="button" disabled={busy} onClick={() => act(async () => (await cancel({ id: job.id })).data?.jobCancel)}>
          Cancel
        </button>
      )}
      {canceling && (
        <button type="button" className="danger" disabled={busy}
          onClick={() => act(async () => (await cancel({ id: job.id, force: true })).data?.jobCancel)}>
          Force cancel
        </button>
      )}
      {job.retryable && (
        <button type="button" disabled={busy} onClick={() => act(async () => (await retry({ id: job.id })).data?.jobRetry)}>
          Retry
        </button>
      )}
      {job.playable && job.status === "MANUAL" && (
        <button type="button" className="primary" disabled={busy} onClick={() => dialog.current?.showModal()}>
          Play …
        </button>
      )}
      <PlayDialog ref={dialog} name={job.name}
        onPlay={(variables) => act(async () => (await play({ id: job.id, variables })).data?.jobPlay)} />
      <div aria-live="polite">
        {refusals.map((r) => (
          <p className="refusal" key={r.message}>{r.message}</p>
        ))}
        {created && (
          <p>
            New job: <a href={to.job(created.project.databaseId, created.databaseId)}>{created.name} #{created.databaseId}</a>
          </p>
        )}
      </div>
    </div>
  );
}

type Variable = { key: string; value: string };

function PlayDialog(props: { ref: React.RefObject<HTMLDialogElement | null>; name: string; onPlay: (v: Variable[]) => void }) {
  const [rows, setRows] = useState<Variable[]>([{ key: "", value: "" }]);
  const change = (i: number, patch: Partial<Variable>) => setRows(rows.map((r, at) => (at === i ? { ...r, ...patch } : r)));
  return (
    <dialog ref={props.ref} aria-labelledby="play-title">
      <form method="dialog" onSubmit={() => props.onPlay(rows.filter((r) => r.key))}>
        <h2 id="play-title">Play {props.name}</h2>
        <p>Variables for this run alone; none are needed.</p>
        {rows.map((row, i) => (
          <div className="row" key={i}>
            <label>Key<input value={row.key} autoComplete="off" onChange={(e) => change(i, { key: e.target.value })} /></label>
            <label>Value<input value={row.value} autoComplete="off" onChange={(e) => change(i, { value: e.target.value })} /></label>
          </div>
        ))}
        <button type="button" className="quiet" onClick={() => setRows([...rows, { key: "", value: "" }])}>Add a variable</button>
        <div className="row end">
          <button type="button" className="quiet" onClick={() => props.ref.current?.close()}>Close</button>
          <button type="submit" className="primary">Play</button>
        </div>
      </form>
    </dialog>
  );
}
