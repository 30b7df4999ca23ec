import { useQuery, useSubscription } from "urql";

import { LogView } from "../log/LogView";
import { Actions } from "../parts/Actions";
import { Loading, Problem } from "../parts/Problem";
import { Status } from "../parts/Status";
import { Ago, Running, duration } from "../parts/time";
import { JobLive, JobQuery } from "../queries";
import { to } from "../route";

// JobPage shows a job, live, with its log.
export function JobPage({ project, job: id }: { project: string; job: string }) {
  const [{ data, fetching, error }] = useQuery({ query: JobQuery, variables: { project, id } });
  const found = data?.job;
  const [live] = useSubscription({ query: JobLive, variables: { id: found?.id ?? "" }, pause: !found });
  const now = live.data?.jobUpdated ?? found;
  return (
    <>
      <p className="crumbs">
        <a href={to.failures()}>All projects</a> / <a href={to.project(project, "jobs")}>{found?.project.fullPath ?? project}</a>
        {found?.pipeline && <> / <a href={to.pipeline(project, found.pipeline.databaseId)}>#{found.pipeline.databaseId}</a></>}
      </p>
      <div className="title">
        <h1>{found?.name ?? `Job #${id}`}</h1>
        {now && <Status status={now.status} />}
      </div>
      <Problem error={error ?? live.error} />
      {fetching && !found && <Loading />}
      {found && now && (
        <>
          <dl className="facts">
            <Fact name="Stage">{found.stage}</Fact>
            <Fact name="Ref">{found.ref}</Fact>
            {found.commit && <Fact name="Commit"><code>{found.commit.shortSha}</code> {found.commit.title}</Fact>}
            {found.user && <Fact name="By">{found.user.name}</Fact>}
            {found.runner && <Fact name="Runner">{found.runner.description}</Fact>}
            {found.queuedDuration != null && <Fact name="Queued">{duration(found.queuedDuration)}</Fact>}
            {now.startedAt && (
              <Fact name="Took"><Running from={now.startedAt} took={now.duration} active={now.status === "RUNNING"} /></Fact>
            )}
            <Fact name="Created"><Ago at={found.createdAt} /></Fact>
            {now.failureReason && <Fact name="Reason">{now.failureReason.replaceAll("_", " ")}</Fact>}
            {found.attempts && found.attempts.length > 1 && (
              <Fact name="Attempts">
                {found.attempts.map((a) => (
                  <a key={a.id} className="attempt" href={to.job(project, a.databaseId)} aria-current={a.id === found.id ? "page" : undefined}>
                    <Status status={a.status} label={false} /> #{a.databaseId}
                  </a>
                ))}
              </Fact>
            )}
          </dl>
          <Actions job={now} />
          <LogView id={found.id} />
        </>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
