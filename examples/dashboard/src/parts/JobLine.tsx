import type { JobRowFragment } from "../gql/graphql";
import { to } from "../route";
import { Status } from "./Status";
import { Ago, Running } from "./time";

// JobLine is one job in a list. A trigger job leads to the pipeline that it started.
export function JobLine({ job, detail }: { job: JobRowFragment; detail?: string }) {
  const started = job.__typename === "Bridge" ? job.downstreamPipeline : null;
  const href = started ? to.pipeline(started.project.databaseId, started.databaseId) : to.job(job.project.databaseId, job.databaseId);
  const content = (
    <>
      <Status status={job.status} label={false} />
      <span className="grow">{job.name}</span>
      {job.__typename === "Bridge" && <span className="tag">{started ? `pipeline #${started.databaseId}` : "trigger"}</span>}
      {job.allowFailure && job.status === "FAILED" && <span className="tag">allowed</span>}
      {detail && <span className="muted wide">{detail}</span>}
      <span className="muted number"><Running from={job.startedAt} took={job.duration} active={job.status === "RUNNING"} /></span>
      {detail && <span className="muted wide"><Ago at={job.finishedAt ?? job.startedAt} /></span>}
    </>
  );
  if (job.__typename === "Bridge" && !started) return <span className="line">{content}</span>;
  return <a className="line" href={href}>{content}</a>;
}
