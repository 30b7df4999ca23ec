import { useSyncExternalStore } from "react";

// duration writes seconds as a person would.
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return "";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

// One clock moves every time on the page.
let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const l of listeners) l();
}, 1000);
const subscribe = (l: () => void) => (listeners.add(l), () => void listeners.delete(l));
export const useNow = () => useSyncExternalStore(subscribe, () => now);

export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) return null;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {ago(Date.parse(at), now)}
    </time>
  );
}

// Running shows how long something has taken so far, or took.
export function Running({ from, took, active }: { from?: string | null; took?: number | null; active: boolean }) {
  const now = useNow();
  if (active && from) return <>{duration((now - Date.parse(from)) / 1000)}</>;
  return <>{duration(took)}</>;
}
