import { useQuery, useSubscription } from "urql";

import { JobLine } from "../parts/JobLine";
import { Loading, Problem } from "../parts/Problem";
import { Status } from "../parts/Status";
import { Ago } from "../parts/time";
import { PipelineLive, PipelineQuery } from "../queries";
import { to } from "../route";

// PipelinePage shows a pipeline by its stages, live, and what it set off.
export function PipelinePage({ project, pipeline }: { project: string; pipeline: string }) {
  const [{ data, fetching, error }] = useQuery({ query: PipelineQuery, variables: { project, id: pipeline } });
  const found = data?.pipeline;
  const [live] = useSubscription({ query: PipelineLive, variables: { id: found?.id ?? "" }, pause: !found });
  const now = live.data?.pipelineUpdated.pipeline;
  return (
    <>
      <p className="crumbs">
        <a href={to.failures()}>All projects</a> / <a href={to.project(project)}>{found?.project.fullPath ?? project}</a>
      </p>
      <div className="title">
        <h1>Pipeline #{pipeline}</h1>
        {now && <Status status={now.status} />}
      </div>
      <Problem error={error ?? live.error} />
      {fetching && !found && <Loading />}
      {found && (
        <p className="lead">
          {found.ref} · <code>{found.sha.slice(0, 8)}</code>
          {found.user && <> · {found.user.name}</>} · <Ago at={found.createdAt} />
          {found.webUrl && <> · <a href={found.webUrl} rel="noreferrer">GitLab</a></>}
        </p>
      )}
      {now?.jobCounts && (
        <ul className="counts plain" aria-label="Jobs by status">
          {now.jobCounts.map((c) => <li key={c.status}><Status status={c.status} /> <b>{c.count}</b></li>)}
        </ul>
      )}
      {found && !now && !live.error && <Loading />}
      <div className="stages">
        {now?.stages?.map((stage) => (
          <section className="stage" key={stage.name} aria-label={`Stage ${stage.name}`}>
            <h2><Status status={stage.status} label={false} /> {stage.name}</h2>
            <ul className="plain">
              {stage.jobs.map((job) => <li key={job.id}><JobLine job={job} /></li>)}
            </ul>
          </section>
        ))}
      </div>
      {found?.downstream && found.downstream.length > 0 && (
        <>
          <h2 className="section">What it set off</h2>
          <ul className="plain list">
            {found.downstream.map((d) => (
              <li key={d.id}>
                <a className="line" href={to.pipeline(d.project.databaseId, d.databaseId)}>
                  <Status status={d.status} />
                  <span className="strong">#{d.databaseId}</span>
                  <span className="grow">{d.project.fullPath}</span>
                  <span className="muted">{d.ref}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
