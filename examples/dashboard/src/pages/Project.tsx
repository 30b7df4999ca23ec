import { useState } from "react";
import { useQuery } from "urql";

import type { JobStatus, PipelineStatus } from "../gql/graphql";
import { JobLine } from "../parts/JobLine";
import { More } from "../parts/More";
import { Empty, Loading, Problem } from "../parts/Problem";
import { Status } from "../parts/Status";
import { Ago } from "../parts/time";
import { JobsQuery, PipelinesQuery, ProjectQuery } from "../queries";
import { to } from "../route";

export function ProjectPage({ project, tab }: { project: string; tab: "pipelines" | "jobs" }) {
  const [{ data, error }] = useQuery({ query: ProjectQuery, variables: { id: project } });
  return (
    <>
      <p className="crumbs"><a href={to.failures()}>All projects</a></p>
      <h1>{data?.project?.fullPath ?? project}</h1>
      {data?.project?.description && <p className="lead">{data.project.description}</p>}
      <Problem error={error} />
      <nav className="tabs" aria-label="Lists">
        <a href={to.project(project, "pipelines")} aria-current={tab === "pipelines" ? "page" : undefined}>Pipelines</a>
        <a href={to.project(project, "jobs")} aria-current={tab === "jobs" ? "page" : undefined}>Jobs</a>
      </nav>
      {tab === "pipelines" ? <Pipelines project={project} /> : <Jobs project={project} />}
    </>
  );
}

const pageSize = 25;

function StatusFilter<T extends string>(props: { all: readonly T[]; value: T | ""; onChange: (v: T | "") => void }) {
  return (
    <label>
      Status
      <select value={props.value} onChange={(e) => props.onChange(e.target.value as T | "")}>
        <option value="">any</option>
        {props.all.map((s) => <option key={s} value={s}>{s.toLowerCase().replaceAll("_", " ")}</option>)}
      </select>
    </label>
  );
}

const pipelineStatuses: PipelineStatus[] = ["RUNNING", "SUCCESS", "FAILED", "CANCELED", "PENDING", "MANUAL", "SKIPPED"];
const jobStatuses: JobStatus[] = ["RUNNING", "SUCCESS", "FAILED", "CANCELED", "PENDING", "MANUAL", "SKIPPED"];

// Pages holds the cursors of the pages that are shown: one more is shown at a time.
function usePages(filter: string) {
  const [state, set] = useState({ filter, cursors: [null] as (string | null)[] });
  const current = state.filter === filter ? state : { filter, cursors: [null] };
  return { cursors: current.cursors, more: (after: string) => set({ filter, cursors: [...current.cursors, after] }) };
}

function Pipelines({ project }: { project: string }) {
  const [ref, setRef] = useState("");
  const [status, setStatus] = useState<PipelineStatus | "">("");
  const { cursors, more } = usePages(`${ref} ${status}`);
  return (
    <>
      <form className="filters" onSubmit={(e) => e.preventDefault()}>
        <label>Branch or tag<input value={ref} onChange={(e) => setRef(e.target.value.trim())} placeholder="any" /></label>
        <StatusFilter all={pipelineStatuses} value={status} onChange={setStatus} />
      </form>
      <ul className="plain list">
        {cursors.map((after, i) => (
          <PipelinesPart key={`${ref} ${status} ${after}`} {...{ project, ref_: ref, status, after }}
            last={i === cursors.length - 1} onMore={more} />
        ))}
      </ul>
    </>
  );
}

type Part = { project: string; ref_: string; after: string | null; last: boolean; onMore: (after: string) => void };

function PipelinesPart(p: Part & { status: PipelineStatus | "" }) {
  const variables = { id: p.project, first: pageSize, after: p.after, ref: p.ref_ || null, statuses: p.status ? [p.status] : null };
  const [{ data, fetching, error }] = useQuery({ query: PipelinesQuery, variables });
  const list = data?.project?.pipelines;
  return (
    <>
      {error && <li><Problem error={error} /></li>}
      {fetching && !list && <li><Loading /></li>}
      {list?.nodes.map((pipeline) => (
        <li key={pipeline.id}>
          <a className="line" href={to.pipeline(p.project, pipeline.databaseId)}>
            <Status status={pipeline.status} />
            <span className="strong">#{pipeline.databaseId}</span>
            <span className="grow">{pipeline.ref}</span>
            <code className="wide">{pipeline.sha.slice(0, 8)}</code>
            <span className="muted wide">{pipeline.source?.replaceAll("_", " ")}</span>
            <span className="muted"><Ago at={pipeline.createdAt} /></span>
          </a>
        </li>
      ))}
      {list && list.nodes.length === 0 && !list.pageInfo.hasNextPage && !p.after && <li><Empty>No pipelines.</Empty></li>}
      {p.last && list?.pageInfo.hasNextPage && (
        <li><More fetching={fetching} onMore={() => p.onMore(list.pageInfo.endCursor!)} /></li>
      )}
    </>
  );
}

function Jobs({ project }: { project: string }) {
  const [ref, setRef] = useState("");
  const [name, setName] = useState("");
  const [status, setStatus] = useState<JobStatus | "">("");
  const { cursors, more } = usePages(`${ref} ${name} ${status}`);
  return (
    <>
      <form className="filters" onSubmit={(e) => e.preventDefault()}>
        <label>Name<input value={name} onChange={(e) => setName(e.target.value)} placeholder="any, * and ? match" /></label>
        <label>Branch or tag<input value={ref} onChange={(e) => setRef(e.target.value.trim())} placeholder="any" /></label>
        <StatusFilter all={jobStatuses} value={status} onChange={setStatus} />
      </form>
      <ul className="plain list">
        {cursors.map((after, i) => (
          <JobsPart key={`${ref} ${name} ${status} ${after}`} {...{ project, ref_: ref, name, status, after }}
            last={i === cursors.length - 1} onMore={more} />
        ))}
      </ul>
    </>
  );
}

function JobsPart(p: Part & { name: string; status: JobStatus | "" }) {
  const pattern = p.name && (/[*?]/.test(p.name) ? p.name : `*${p.name}*`);
  const variables = {
    id: p.project, first: pageSize, after: p.after, ref: p.ref_ || null,
    statuses: p.status ? [p.status] : null, filter: pattern ? { namePattern: pattern } : null,
  };
  const [{ data, fetching, error }] = useQuery({ query: JobsQuery, variables });
  const list = data?.project?.jobs;
  return (
    <>
      {error && <li><Problem error={error} /></li>}
      {fetching && !list && <li><Loading /></li>}
      {list?.nodes.map((job) => <li key={job.id}><JobLine job={job} detail={job.ref} /></li>)}
      {list && list.nodes.length === 0 && !list.pageInfo.hasNextPage && !p.after && <li><Empty>No jobs.</Empty></li>}
      {p.last && list?.pageInfo.hasNextPage && (
        <li><More fetching={fetching} onMore={() => p.onMore(list.pageInfo.endCursor!)} /></li>
      )}
    </>
  );
}
