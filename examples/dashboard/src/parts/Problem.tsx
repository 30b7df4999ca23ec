import type { CombinedError } from "urql";

const help: Record<string, string> = {
  UNAUTHENTICATED: "GitLab does not accept this token.",
  FORBIDDEN: "This token may not see it.",
  NOT_FOUND: "It does not exist, or not for this token.",
  RATE_LIMITED: "GitLab asks to slow down. Try again in a moment.",
  UPSTREAM_UNAVAILABLE: "GitLab cannot be reached just now.",
};

// Problem tells what a query could not answer. What it could is shown all the same.
export function Problem({ error }: { error: CombinedError | undefined }) {
  if (!error) return null;
  const seen = new Set<string>();
  const lines = error.graphQLErrors.map((e) => help[String(e.extensions?.code)] ?? e.message);
  if (error.networkError) lines.push("The gateway cannot be reached.");
  return (
    <div className="problem" role="alert">
      {lines.filter((l) => !seen.has(l) && seen.add(l)).map((l) => <p key={l}>{l}</p>)}
    </div>
  );
}

export function Loading() {
  return (
    <p className="muted" role="status">
      Loading …
    </p>
  );
}

export function Empty({ children }: { children: React.ReactNode }) {
  return <p className="empty">{children}</p>;
}
