import { useEffect, useState } from "react";
import { useQuery } from "urql";

import { Empty, Loading, Problem } from "../parts/Problem";
import { Status } from "../parts/Status";
import { Ago } from "../parts/time";
import { FailuresQuery } from "../queries";
import { to } from "../route";

const demo = ["1", "2", "3", "4", "5", "6", "7", "8"];
const stored = () => (localStorage.getItem("projects") ?? demo.join(",")).split(",").filter(Boolean);

// Failures shows what fails now: the failed jobs of the pipelines that ended last in each project. A job that failed and
// was retried since is not among them, for the list has the latest attempt of each.
export function Failures() {
  const [ids, setIDs] = useState(stored);
  const [{ data, fetching, error }, refresh] = useQuery({ query: FailuresQuery, variables: { ids } });
  useEffect(() => {
    const timer = setInterval(() => document.hidden || refresh({ requestPolicy: "network-only" }), 10_000);
    return () => clearInterval(timer);
  }, [refresh]);
  const save = (next: string[]) => {
    localStorage.setItem("projects", next.join(","));
    setIDs(next);
  };
  const projects = (data?.projects ?? []).filter((p) => p != null);
  const failing = projects.flatMap((project) =>
    (project.pipelines?.nodes ?? []).filter((p) => p.status === "FAILED").map((pipeline) => ({ project, pipeline })),
  );
  return (
    <>
      <h1>What fails now</h1>
      <p className="lead">The failed among the five pipelines that ended last in each project.</p>
      <Problem error={error} />
      {fetching && !data && <Loading />}
      {data && failing.length === 0 && <Empty>Nothing fails.</Empty>}
      <div className="cards">
        {failing.map(({ project: p, pipeline }) => (
          <section className="card" key={pipeline.id}>
            <h2><a href={to.project(p.databaseId)}>{p.fullPath}</a></h2>
            <p className="muted">
              <a href={to.pipeline(p.databaseId, pipeline.databaseId)}>#{pipeline.databaseId}</a> on {pipeline.ref},{" "}
              <Ago at={pipeline.updatedAt} />
            </p>
            {pipeline.jobs?.nodes.length === 0 && <p className="muted">No job of its own failed: look at what it set off.</p>}
            <ul className="plain">
              {pipeline.jobs?.nodes.map((j) => (
                <li key={j.id}>
                  <a className="job" href={to.job(p.databaseId, j.databaseId)}>
                    <Status status="FAILED" label={false} />
                    <span className="grow">{j.name}</span>
                    {j.allowFailure && <span className="tag">allowed</span>}
                    <span className="muted">{j.failureReason?.replaceAll("_", " ")}</span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <h2 className="section">Projects</h2>
      <ul className="plain projects">
        {projects.map((p) => (
          <li key={p.id} className="line">
            {p.latestPipeline ? <Status status={p.latestPipeline.status} label={false} /> : <span className="dot" />}
            <a className="grow" href={to.project(p.databaseId)}>{p.fullPath}</a>
            <button type="button" className="quiet small" aria-label={`Remove ${p.fullPath}`}
              onClick={() => save(ids.filter((id) => id !== String(p.databaseId) && id !== p.fullPath))}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <form className="row add" onSubmit={(e) => {
        e.preventDefault();
        const field = e.currentTarget.elements.namedItem("project") as HTMLInputElement;
        if (field.value.trim()) save([...ids, field.value.trim()]);
        field.value = "";
      }}>
        <label>Add a project<input name="project" placeholder="group/project or number" /></label>
        <button type="submit">Add</button>
      </form>
    </>
  );
}
