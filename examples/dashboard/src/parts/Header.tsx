import { useRef, useState } from "react";

import { credential, setToken } from "../client";
import { to } from "../route";

export function Header() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, change] = useState("");
  const own = "PRIVATE-TOKEN" in credential();
  return (
    <header className="top">
      <a className="brand" href={to.failures()}>
        <img src="/demo/icon.svg" alt="" width="24" height="24" />
        Jobs
      </a>
      <nav aria-label="Tools">
        <a href="/">GraphiQL</a>
        <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
          {own ? "Your token" : "Demo token"}
        </button>
      </nav>
      <dialog ref={dialog} aria-labelledby="token-title">
        <form method="dialog" onSubmit={() => setToken(token.trim())}>
          <h2 id="token-title">Access token</h2>
          <p>It goes to the gateway with each request, is kept in this tab only, and decides what you see and may do.</p>
          <label>
            Token
            <input type="password" autoComplete="off" value={token} onChange={(e) => change(e.target.value)} />
          </label>
          <div className="row end">
            <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit">{token ? "Use it" : "Use the demo's"}</button>
          </div>
        </form>
      </dialog>
    </header>
  );
}
