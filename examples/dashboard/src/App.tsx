import { useEffect, useMemo, useRef } from "react";

import { Failures } from "./pages/Failures";
import { JobPage } from "./pages/Job";
import { PipelinePage } from "./pages/Pipeline";
import { ProjectPage } from "./pages/Project";
import { Header } from "./parts/Header";
import { parse, useHash } from "./route";

export function App() {
  const hash = useHash();
  const route = useMemo(() => parse(hash), [hash]);
  const opened = useRef(hash);
  useEffect(() => {
    if (hash === opened.current) return; // the page has just been opened
    opened.current = "";
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [hash]);
  return (
    <>
      <a className="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById("main")?.focus())}>
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {route.page === "failures" && <Failures />}
        {route.page === "project" && <ProjectPage key={route.project} {...route} />}
        {route.page === "pipeline" && <PipelinePage key={route.pipeline} {...route} />}
        {route.page === "job" && <JobPage key={route.job} {...route} />}
      </main>
    </>
  );
}
