import { useSyncExternalStore } from "react";

// Route is what the address shows. It stands in the fragment, so that one page serves all of them.
export type Route =
  | { page: "failures" }
  | { page: "project"; project: string; tab: "pipelines" | "jobs" }
  | { page: "pipeline"; project: string; pipeline: string }
  | { page: "job"; project: string; job: string };

export function parse(hash: string): Route {
  const [, kind, project, what, id] = hash.split("/").map(decodeURIComponent);
  if (kind !== "projects" || !project) return { page: "failures" };
  if (what === "pipelines" && id) return { page: "pipeline", project, pipeline: id };
  if (what === "jobs" && id) return { page: "job", project, job: id };
  return { page: "project", project, tab: what === "jobs" ? "jobs" : "pipelines" };
}

const part = (s: string | number) => encodeURIComponent(String(s));

export const to = {
  failures: () => "#/",
  project: (project: string | number, tab: "pipelines" | "jobs" = "pipelines") => `#/projects/${part(project)}/${tab}`,
  pipeline: (project: string | number, id: string | number) => `#/projects/${part(project)}/pipelines/${part(id)}`,
  job: (project: string | number, id: string | number) => `#/projects/${part(project)}/jobs/${part(id)}`,
};

const subscribe = (changed: () => void) => {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
};

export const useHash = () => useSyncExternalStore(subscribe, () => location.hash);
