import { useEffect, useReducer, useRef, useState } from "react";
import { useClient } from "urql";

import { LogLive } from "../queries";
import { duration } from "../parts/time";
import { type Line, Log, type Section } from "./parser";

type Following = { log: Log; bytes: number; state: "loading" | "following" | "complete" | "failed"; problem: string };

// useLog follows a job's log from its first byte to its end. After an interruption bytes may come again: each chunk is
// written at the byte that it says it begins with.
function useLog(id: string): Following {
  const client = useClient();
  const now = useRef<Following>({ log: new Log(), bytes: 0, state: "loading", problem: "" });
  const [, changed] = useReducer((n: number) => n + 1, 0);
  const [attempt, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const f = now.current;
    let frame = 0;
    const draw = () => (frame ||= requestAnimationFrame(() => ((frame = 0), changed())));
    const stream = client.subscription(LogLive, { id, fromByte: f.bytes }).subscribe(({ data, error }) => {
      const code = error?.graphQLErrors[0]?.extensions?.code;
      if (code === "RESUBSCRIBE" || code === "SLOW_CONSUMER" || code === "LOG_REPLACED") {
        if (code === "LOG_REPLACED") Object.assign(f, { log: new Log(), bytes: 0 });
        again();
        return;
      }
      if (error) {
        f.state = "failed";
        f.problem = error.graphQLErrors[0]?.message ?? "The connection was lost.";
      }
      const chunk = data?.jobLogAppended;
      if (chunk && chunk.toByte >= f.bytes) {
        const known = f.bytes - chunk.fromByte;
        f.log.append(known > 0 ? new TextDecoder().decode(new TextEncoder().encode(chunk.raw).slice(known)) : chunk.raw);
        f.bytes = chunk.toByte;
        f.state = chunk.complete ? "complete" : "following";
        if (chunk.complete) f.log.end();
      }
      draw();
    });
    return () => {
      stream.unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [client, id, attempt]);
  return now.current;
}

export function LogView({ id }: { id: string }) {
  const { log, bytes, state, problem } = useLog(id);
  const [stick, setStick] = useState(true);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (stick && state === "following" && body.current) body.current.scrollTop = body.current.scrollHeight;
  });
  return (
    <section className="log" aria-label="Log">
      <div className="log-head">
        <span role="status">
          {state === "loading" && "Loading …"}
          {state === "following" && <><span className="pulse" aria-hidden /> Live</>}
          {state === "complete" && (bytes ? "Complete" : "No log")}
          {state === "failed" && problem}
        </span>
        {state === "following" && (
          <label className="check">
            <input type="checkbox" checked={stick} onChange={(e) => setStick(e.target.checked)} /> Follow
          </label>
        )}
      </div>
      <div className="log-body" ref={body} tabIndex={0}>
        <Parts section={log.root} />
      </div>
    </section>
  );
}

function Parts({ section }: { section: Section }) {
  return section.parts.map((part, i) => ("spans" in part ? <LogLine key={i} line={part} /> : <LogSection key={i} section={part} />));
}

function LogSection({ section }: { section: Section }) {
  const [open, setOpen] = useState(!section.collapsed);
  const took = section.finished === null || section.hideDuration ? "" : duration(section.finished - section.started);
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <span className="grow">{section.title ? <Spans line={section.title} /> : section.name.replaceAll("_", " ")}</span>
        <span className="muted">{took}</span>
      </summary>
      {open && <Parts section={section} />}
    </details>
  );
}

function LogLine({ line }: { line: Line }) {
  return (
    <div className="log-line">
      <span className="log-number" aria-hidden>{line.number}</span>
      <span><Spans line={line} /></span>
    </div>
  );
}

function Spans({ line }: { line: Line }) {
  return line.spans.map((s, i) => {
    const c = s.style;
    const classes = [c.color && `fg-${c.color}`, c.background && `bg-${c.background}`, c.bold && "bold", c.italic && "italic", c.underline && "underline"];
    return <span key={i} className={classes.filter(Boolean).join(" ") || undefined}>{s.text}</span>;
  });
}
